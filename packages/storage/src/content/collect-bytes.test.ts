import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { collectBytes } from './collect-bytes.ts';

const chunks = [Buffer.from('one'), Buffer.from('two'), Buffer.from('three')];

test.each([11, 0, 5, 20])('gives all that comes, whatever was expected (%d)', async expectedBytes => {
  let told = 0;
  const bytes = await collectBytes(Readable.from(chunks), expectedBytes, () => told++);
  expect(new TextDecoder().decode(bytes)).toBe('onetwothree');
  expect(bytes.buffer.byteLength).toBe(11);
  expect(told).toBe(3);
});

test('fails as the stream does, and when it is closed too soon', async () => {
  const failing = Readable.from(
    (async function* () {
      yield chunks[0];
      throw new Error('broken');
    })(),
  );
  await expect(collectBytes(failing, 11)).rejects.toThrow('broken');
  const left = new Readable({ read() {} });
  const collecting = collectBytes(left, 11);
  left.push(chunks[0]);
  left.destroy();
  await expect(collecting).rejects.toThrow('closed before its end');
});
