import { defineFiles, model } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import { expect, test } from 'vitest';

interface Row {
  id: number;
  image: string | null;
}

/** A field whose storage becomes another one while content is stored, as with a tenant that is switched. */
function fixture() {
  const [first, other] = [new MemoryStorage(), new MemoryStorage()];
  let current = first;
  const table = new MemoryTable<Row>({ key: ['id'], files: ['image'] });
  const { image } = defineFiles(
    model<Row>()('switched', 'id'),
    { image: { storage: () => current } },
    table.binding,
  );
  async function* switching(): AsyncGenerator<string> {
    yield 'begun on the first';
    current = other;
  }
  return { first, image, switching };
}

test('what a failed save stored is undone where it was stored', async () => {
  const { first, image, switching } = fixture();
  const gone: Row = { id: 1, image: null };
  await expect(image.of(gone).save(switching(), { name: 'a.txt' })).rejects.toMatchObject({
    code: 'conflict',
  });
  expect(await Array.fromAsync(first.list())).toEqual([]);
});

test('a staged file is on the storage that it was stored on, and is taken back there', async () => {
  const { first, image, switching } = fixture();
  const staged = await image.stage(switching(), { name: 'a.txt' });
  expect(staged.staged.storage).toBe(first.id);
  await staged.undo();
  expect(await Array.fromAsync(first.list())).toEqual([]);
});
