import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitLines } from './lines.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

async function linesOf(...chunks: readonly (string | Uint8Array)[]): Promise<string[]> {
  const lines: string[] = [];
  const bytes = chunks.map(chunk => (typeof chunk === 'string' ? encode(chunk) : chunk));
  for await (const line of splitLines(bytes)) lines.push(line);
  return lines;
}

test('django 4.7/157 test_file_iteration: endings are kept', async () => {
  expect(await linesOf('one\ntwo\nthree')).toEqual(['one\n', 'two\n', 'three']);
});

test('django 4.7/158 test_file_iteration_windows_newlines: \\r\\n is one ending', async () => {
  expect(await linesOf('one\r\ntwo\r\nthree')).toEqual(['one\r\n', 'two\r\n', 'three']);
});

test('django 4.7/159 test_file_iteration_mac_newlines: a lone \\r is an ending', async () => {
  expect(await linesOf('one\rtwo\rthree')).toEqual(['one\r', 'two\r', 'three']);
});

test('django 4.7/160 test_file_iteration_mixed_newlines: all three in one text', async () => {
  expect(await linesOf('one\rtwo\nthree\r\nfour')).toEqual(['one\r', 'two\n', 'three\r\n', 'four']);
});

test('django 4.7/161 test_file_iteration_with_unix_newline_at_chunk_boundary', async () => {
  expect(await linesOf('one\n', 'two\nthree')).toEqual(['one\n', 'two\n', 'three']);
});

test('django 4.7/162 test_file_iteration_with_windows_newline_at_chunk_boundary: split across chunks', async () => {
  expect(await linesOf('one\r', '\ntwo\r\nthree')).toEqual(['one\r\n', 'two\r\n', 'three']);
});

test('django 4.7/163 test_file_iteration_with_mac_newline_at_chunk_boundary', async () => {
  expect(await linesOf('one\r', 'two\rthree')).toEqual(['one\r', 'two\r', 'three']);
});

test('django 4.7/164 test_file_iteration_with_text: lines are strings, letters split across chunks whole', async () => {
  const bytes = encode('é🎉\n日');
  const chunks = Array.from(bytes, byte => Uint8Array.of(byte));
  expect(await linesOf(...chunks)).toEqual(['é🎉\n', '日']);
});

test('empty chunks and an empty content give no line', async () => {
  expect(await linesOf()).toEqual([]);
  expect(await linesOf('', 'a\r', '', '\n', '')).toEqual(['a\r\n']);
});

test('an unfinished letter at the end is a replacement character', async () => {
  expect(await linesOf('a\r', Uint8Array.of(0xe2, 0x82))).toEqual(['a\r', '\ufffd']);
});

test('ending the iteration early ends that of the chunks', async () => {
  let released = false;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      yield encode('one\ntwo\n');
      yield encode('three\n');
    } finally {
      released = true;
    }
  }
  for await (const line of splitLines(chunks())) {
    expect(line).toBe('one\n');
    break;
  }
  expect(released).toBe(true);
});

test('reads a web stream', async () => {
  const lines: string[] = [];
  for await (const line of splitLines(new Blob(['a\nb']).stream())) lines.push(line);
  expect(lines).toEqual(['a\n', 'b']);
});

test('however a text is cut into chunks, its lines are the same', async () => {
  const text = fc.string({ unit: fc.constantFrom('\r', '\n', '\r\n', 'a', 'é', '🎉') });
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.integer({ min: 1, max: 5 })), async (content, sizes) => {
      const bytes = encode(content);
      const chunks: Uint8Array[] = [];
      let start = 0;
      for (const size of sizes) {
        chunks.push(bytes.subarray(start, start + size));
        start += size;
      }
      chunks.push(bytes.subarray(start));
      const lines = await linesOf(...chunks);
      expect(lines).toEqual(content.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? []);
    }),
  );
});
