import { defineFiles, model } from '@fieldfile/core';
import { deriving } from '@fieldfile/core/derived';
import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import { expect, test } from 'vitest';

interface PhotoRow {
  id: number;
  image: string | null;
  size: number | null;
  digest: string | null;
}

const EMPTY = { image: null, size: null, digest: null };

async function fixture() {
  const table = new MemoryTable<PhotoRow>({ key: ['id'], files: ['image', 'size', 'digest'] });
  const storage = new MemoryStorage();
  const { image } = defineFiles(
    model<PhotoRow>()('photo', 'id'),
    { image: { storage, columns: { size: 'size', digest: 'digest' }, derived: { kinds: {} } } },
    table.binding,
  );
  const row: PhotoRow = { id: 1, ...EMPTY };
  await table.insert(row);
  await image.of(row).save('one', { name: 'one.txt' });
  return { table, storage, image, row };
}

test('a revived handle is not told the digest of the file that its row has now', async () => {
  const { table, storage, image, row } = await fixture();
  const old = image.revive(image.of(row).reference());
  await image.of(await table.get({ id: 1 })).save('two, longer', { name: 'two.txt' });
  await storage.create('one.txt', 'one');
  const newer = deriving(image.of(await table.get({ id: 1 })));
  expect(await deriving(old).identify()).not.toEqual(await newer.identify());
  expect((await deriving(old).look()).identity).toBe((await deriving(old).identify()).identity);
});

test('what was begun of a file is not told the digest of the one that took its place', async () => {
  const { storage, image, row } = await fixture();
  const begun = deriving(image.of(row));
  await image.of(row).save('two, longer', { name: 'two.txt' });
  await storage.create('one.txt', 'one');
  const newer = deriving(image.of(row));
  expect((await begun.identify()).identity).not.toBe((await newer.identify()).identity);
});

test('columns of a row object that shows another file by now are not those of the handle’s', async () => {
  const { table, storage, image, row } = await fixture();
  const old = image.of(row);
  await image.of(await table.get({ id: 1 })).save('two, longer', { name: 'two.txt' });
  Object.assign(row, await table.get({ id: 1 }));
  await storage.create('one.txt', 'one');
  expect([old.name, await old.stored?.size()]).toEqual(['one.txt', 3]);
  // Without a digest of that file there is nothing to verify against.
  await expect(old.stored?.open({ verify: true })).rejects.toMatchObject({ code: 'unsupported' });
});

test('a frozen row has the columns of the file before, which are not the new one’s', async () => {
  const { table, image } = await fixture();
  const frozen = Object.freeze(await table.get({ id: 1 }));
  const handle = image.of(frozen);
  await handle.save('two, longer', { name: 'two.txt' });
  expect([handle.name, await handle.stored?.size()]).toEqual(['two.txt', 11]);
});
