import { defineFiles, isFieldFileError, model } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { describe, expect, test } from 'vitest';

interface DocRow {
  id: number;
  file: string | null;
}

type Range = { readonly start?: number; readonly endExclusive?: number };

async function fixture() {
  const storage = new MemoryStorage();
  const docs = defineFiles(model<DocRow>()('doc', 'id'), { file: { storage } });
  const row: DocRow = { id: 1, file: null };
  await docs.file.of(row).save('one\ntwo\nthree\n', { name: 'a.txt', contentType: 'text/plain' });
  const { stored } = docs.file.of(row);
  if (!stored) throw new Error('It was not stored.');
  const opened = async (target: typeof stored | MemoryStorage, range: Range): Promise<string> => {
    await using read = await (target instanceof MemoryStorage
      ? target.open('a.txt', range)
      : target.open(range));
    return await read.text();
  };
  const ways: Record<string, (range: Range) => Promise<string>> = {
    'storage.open': range => opened(storage, range),
    open: range => opened(stored, range),
    text: range => stored.text(range),
    bytes: async range => new TextDecoder().decode(await stored.bytes(range)),
    arrayBuffer: async range => new TextDecoder().decode(await stored.arrayBuffer(range)),
    blob: async range => {
      const blob = await stored.blob(range);
      expect(blob.type).toBe('text/plain');
      return blob.text();
    },
    stream: async range => new Response(stored.stream(range)).text(),
    lines: async range => (await Array.fromAsync(stored.lines(range))).join(''),
  };
  return { row, stored, storage, ways };
}

const { row, stored, storage, ways } = await fixture();

describe.each(Object.keys(ways))('%s', way => {
  const read = (range: object): Promise<string> => ways[way]?.(range) ?? Promise.reject(new Error(way));

  test.each<[Range, string]>([
    [{}, 'one\ntwo\nthree\n'],
    [{ start: 4 }, 'two\nthree\n'],
    [{ endExclusive: 5 }, 'one\nt'],
    [{ start: 4, endExclusive: 7 }, 'two'],
    [{ start: 4, endExclusive: 4 }, ''],
    [{ start: 100 }, ''],
  ])('reads %j', async (range, text) => {
    expect(await read(range)).toBe(text);
  });

  test.each([
    { start: -1 },
    { start: 3, endExclusive: 2 },
    { start: 1.5 },
    { start: '4' },
    { start: null },
    { end: 4 },
    { begin: 4 },
    { range: { start: 4 } },
  ])('refuses %j', async range => {
    const error = await read(range).catch((thrown: unknown) => thrown);
    expect(isFieldFileError(error, 'invalid-argument')).toBe(true);
    expect(row.file).toBe('a.txt');
  });
});

test('what reads no bytes takes no range', async () => {
  const range = { start: 4 } as object;
  for (const ask of [
    () => stored.info(range),
    () => stored.exists(range),
    () => stored.size(range),
    () => storage.info('a.txt', range),
  ])
    await expect(ask()).rejects.toMatchObject({ code: 'invalid-argument' });
});

test('a part cannot be verified', async () => {
  await expect(stored.open({ verify: true, start: 4 })).rejects.toMatchObject({ code: 'invalid-argument' });
});
