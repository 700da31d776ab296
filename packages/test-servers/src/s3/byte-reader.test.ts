import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteReader, collect } from './byte-reader.ts';

async function* inPieces(text: string, size: number): AsyncGenerator<Buffer, void> {
  for (let start = 0; start < text.length; start += size)
    yield Buffer.from(text.slice(start, start + size), 'latin1');
}

const pieceSize = fc.integer({ min: 1, max: 12 });

test('finds a delimiter wherever chunks end, and passes on all before it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[-\r\n]{0,40}$/), pieceSize, async (content, size) => {
      const text = `${content}\r\n--end`;
      const reader = new ByteReader(inPieces(`${text}rest`, size));
      const before = (await collect(reader.until(Buffer.from('\r\n--end')))).toString();
      expect(before).toBe(content);
      expect(await reader.line()).toBe('rest');
    }),
  );
});

test('reads lines and counted bytes wherever chunks end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[\r\nab]{0,40}$/), pieceSize, async (content, size) => {
      const reader = new ByteReader(inPieces(`head\r\n${content}tail`, size));
      expect(await reader.line()).toBe('head');
      expect((await collect(reader.take(content.length))).toString()).toBe(content);
      expect(await reader.line()).toBe('tail');
      expect(await reader.line()).toBeUndefined();
    }),
  );
});

test('says so when the stream ends too early', async () => {
  const early = { code: 'IncompleteBody' };
  await expect(collect(new ByteReader(inPieces('abc', 2)).take(4))).rejects.toMatchObject(early);
  const open = new ByteReader(inPieces('abc', 2)).until(Buffer.from('\r\n'));
  await expect(collect(open)).rejects.toMatchObject(early);
});
