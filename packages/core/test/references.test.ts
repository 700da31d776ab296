import {
  adopt,
  configure,
  defineFiles,
  type FieldFile,
  type FieldOptions,
  file,
  model,
  type Storage,
  upload,
} from '@fieldfile/core';
import { sweep } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import { afterEach, beforeEach, expect, test } from 'vitest';

interface Row {
  id: number;
  avatar: string | null;
  cover: string | null;
}

const names = async (storage: Storage): Promise<string[]> =>
  (await Array.fromAsync(storage.list())).map(({ name }) => name);

/** What was told of, as nobody awaits it. */
const told: unknown[] = [];
beforeEach(() => configure({ onError: error => told.push(error) }));
afterEach(() => expect(told.splice(0)).toEqual([]));

/** A table whose rows have files on that storage. */
function rowsOn(storage: Storage, options: FieldOptions<Row> = {}, name = 'row') {
  const table = new MemoryTable<Row>({ key: ['id'], files: ['avatar', 'cover'] });
  const files = defineFiles(
    model<Row>()(name, 'id'),
    { avatar: { storage, ...options }, cover: { storage } },
    table.binding,
  );
  return { table, files };
}

test('an object that a row of another database names stays', async () => {
  const storage = new MemoryStorage();
  const [own, other] = [rowsOn(storage), rowsOn(storage, {}, 'other')];
  const row: Row = { id: 1, avatar: null, cover: null };
  own.files.avatar.set(row, file('shared', 'shared.txt'));
  await own.table.insert(row);
  await other.table.put({ id: 7, avatar: null, cover: 'shared.txt' });
  await own.files.avatar.of(row).delete();
  expect(await names(storage)).toEqual(['shared.txt']);
});

test('a model that was declared again is asked, and the one before it only while it answers', async () => {
  const storage = new MemoryStorage();
  const before = rowsOn(storage);
  const row: Row = { id: 1, avatar: null, cover: null };
  const { table, files } = rowsOn(storage);
  files.avatar.set(row, file('old', 'old.txt'));
  await table.insert(row);
  before.table.binding.isReferenced = () => Promise.reject(new Error('the pool has ended'));
  await files.avatar.of(row).save('new', { name: 'new.txt' });
  expect(await names(storage)).toEqual(['new.txt']);
});

test('where another model cannot be asked, the object stays', async () => {
  const storage = new MemoryStorage();
  const other = rowsOn(storage, {}, 'other');
  const { table, files } = rowsOn(storage);
  const row: Row = { id: 1, avatar: null, cover: null };
  files.avatar.set(row, file('old', 'old.txt'));
  await table.insert(row);
  other.table.binding.isReferenced = () => Promise.reject(new Error('no connection'));
  await files.avatar.of(row).save('new', { name: 'new.txt' });
  expect(told.splice(0)).toEqual([new Error('no connection')]);
  expect(await names(storage)).toEqual(['new.txt', 'old.txt']);
});

test('a plain row without a binding keeps what its other file shows', async () => {
  const storage = new MemoryStorage();
  const files = defineFiles(model<Row>()('plain', 'id'), { avatar: { storage }, cover: { storage } });
  const row: Row = { id: 1, avatar: null, cover: null };
  await files.avatar.of(row).save('shared', { name: 'shared.txt' });
  files.cover.set(row, adopt('shared.txt'));
  await upload(row);
  await files.avatar.of(row).delete();
  expect([row, await names(storage)]).toEqual([{ id: 1, avatar: null, cover: 'shared.txt' }, ['shared.txt']]);
});

test('a default is no orphan, and a plain row that is cleared leaves it', async () => {
  const storage = new MemoryStorage();
  await storage.save('default.png', 'the default');
  const { files } = rowsOn(storage, { default: 'default.png' });
  const found: string[] = [];
  const report = await sweep({
    storage,
    fields: [files.avatar, files.cover],
    graceSeconds: 0,
    orphans: 'delete',
    brake: { share: 1 },
    onFinding: ({ name }) => found.push(name),
  });
  expect([found, report.removed]).toEqual([[], 0]);
  const plain = defineFiles(model<Row>()('plain', 'id'), { avatar: { storage, default: 'default.png' } });
  const row: Row = { id: 1, avatar: 'default.png', cover: null };
  await plain.avatar.of(row).delete();
  expect([row.avatar, await names(storage)]).toEqual([null, ['default.png']]);
});

test('a new instance of a class shows the default until it gets a file', async () => {
  const storage = new MemoryStorage();
  await storage.save('default.png', 'the default');
  class Photo {
    declare image: FieldFile<Photo>;
  }
  defineFiles(Photo, { image: { storage, default: 'default.png' } });
  const photo = new Photo();
  expect(await photo.image.stored?.text()).toBe('the default');
  await photo.image.save('own', { name: 'own.png' });
  expect([photo.image.name, await names(storage)]).toEqual(['own.png', ['default.png', 'own.png']]);
});

test.each([5, '', '../up.png', '/root.png'])('a default must name an object: %j', name => {
  expect(() => rowsOn(new MemoryStorage(), { default: name as string })).toThrow(
    expect.objectContaining({ code: 'invalid-argument', field: 'row.avatar' }),
  );
});
