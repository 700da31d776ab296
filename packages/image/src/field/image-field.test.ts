import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adopt, defineFiles, type FieldFile, file, isFieldFileError, model, upload } from '@fieldfile/core';
import { fromPath, SqliteJournal } from '@fieldfile/core/node';
import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import { expect, test } from 'vitest';
import { chunked, image, jpegWithMetadata } from '../../test/images.ts';
import { EMPTY, FIRST, type Person, people, person, SECOND, sizes, storedSizes } from '../../test/people.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { imageField } from './image-field.ts';

test('django 4.6/134 test_create: a row that is created with an image has its size', async () => {
  const all = people();
  const row = { name: 'Joe', ...EMPTY } as Person;
  all.files.mugshot.set(row, file(FIRST, 'mug.png'));
  await all.table.insert(row);
  expect(sizes(row)).toEqual([4, 8]);
  expect(await storedSizes(all, row.id)).toEqual([4, 8]);
});

test('django 4.6/133 test_image_after_constructor: a row without an image has none, and gets one with an assignment later', async () => {
  const all = people();
  const row = await person(all);
  expect(all.files.mugshot.of(row).stored).toBeNull();
  expect(sizes(row)).toEqual([null, null]);
  all.files.mugshot.set(row, file(FIRST, 'mug.png'));
  await all.table.update(row);
  expect(await storedSizes(all, row.id)).toEqual([4, 8]);
});

test('django 4.6/136 test_assignment_to_None: clearing clears the size, and another image brings its own', async () => {
  const all = people();
  const row = await person(all);
  for (const [input, expected] of [
    [file(FIRST, 'mug.png'), [4, 8]],
    [null, [null, null]],
    [file(SECOND, 'mug.png'), [8, 4]],
  ] as const) {
    all.files.mugshot.set(row, input);
    await all.table.update(row);
    expect(sizes(row)).toEqual(expected);
    expect(await storedSizes(all, row.id)).toEqual(expected);
  }
});

test('django 4.6/137 test_field_save_and_delete_methods: save, another save, replace and delete of the file keep the size true', async () => {
  const all = people();
  const row = await person(all);
  const mugshot = all.files.mugshot.of(row);
  await mugshot.save(FIRST, { name: 'mug.png' });
  expect(await storedSizes(all, row.id)).toEqual([4, 8]);
  await mugshot.save(SECOND, { name: 'mug.png' });
  expect(await storedSizes(all, row.id)).toEqual([8, 4]);
  await mugshot.stored?.replace(FIRST);
  expect(await storedSizes(all, row.id)).toEqual([4, 8]);
  await mugshot.delete();
  expect(await storedSizes(all, row.id)).toEqual([null, null]);
});

test('django 4.6/146 test_assignment: two images of a row, and one with a height alone, are independent', async () => {
  const all = people();
  const row = await person(all);
  await all.files.mugshot.of(row).save(FIRST, { name: 'mug.png' });
  await all.files.headshot.of(row).save(SECOND, { name: 'head.png' });
  expect(await all.table.get({ id: row.id })).toMatchObject({
    mugshotWidth: 4,
    mugshotHeight: 8,
    headshotHeight: 4,
  });
  await all.files.mugshot.of(row).delete();
  expect(await all.table.get({ id: row.id })).toMatchObject({
    mugshotWidth: null,
    mugshotHeight: null,
    headshotHeight: 4,
  });
});

test('django 4.6/127 test_instantiate_missing: a row loads, and can be deleted, though its image is gone', async () => {
  const all = people();
  const { id } = await person(all);
  await all.files.mugshot.of(await all.table.get({ id })).save(FIRST, { name: 'mug.png' });
  await all.storage.delete('mug.png');
  const row = await all.table.get({ id });
  expect(sizes(row)).toEqual([4, 8]);
  expect(await all.table.delete(one => one.id === id, Object.values(all.files), [row])).toBe(1);
});

test('django 4.6/149 test_width_height_correct_name_mangling_correct: the size is that of the bytes on the way, also where names change and nothing can be read back', async () => {
  const all = people();
  const [one, other] = [await person(all), await person(all)];
  await all.files.mugshot.of(one).save(FIRST, { name: 'mug.png' });
  const before = all.calls.length;
  await all.files.mugshot.of(other).save(SECOND, { name: 'mug.png' });
  expect(other.mugshot).not.toBe('mug.png');
  expect(sizes(other)).toEqual([8, 4]);
  expect(all.calls.slice(before).filter(({ operation }) => /open|read|stat/.test(operation))).toEqual([]);
});

test('django 4.6/138 test_dimensions: 1,000 rows with images are loaded, and their sizes read, without a request', async () => {
  const all = people();
  for (let index = 0; index < 1000; index++) {
    const row = { name: `${index}`, ...EMPTY } as Person;
    all.files.mugshot.set(row, file(FIRST, 'mug.png'));
    await all.table.insert(row);
  }
  const before = all.calls.length;
  const rows = await all.table.all();
  for (const row of rows) {
    expect(all.files.mugshot.of(row).stored).not.toBeNull();
    expect(sizes(row)).toEqual([4, 8]);
  }
  expect(rows).toHaveLength(1000);
  expect(all.calls.length).toBe(before);
});

test('django 4.6/132 test_constructor: plain rows without a binding have the size, too', async () => {
  const files = defineFiles(model<Person>()('person', 'id'), {
    mugshot: imageField({
      storage: new MemoryStorage(),
      columns: { width: 'mugshotWidth', height: 'mugshotHeight' },
    }),
  });
  const row: Person = { id: 1, name: 'Joe', ...EMPTY };
  await files.mugshot.of(row).save(FIRST, { name: 'mug.png' });
  expect(sizes(row)).toEqual([4, 8]);
  files.mugshot.set(row, file(SECOND, 'other.png'));
  await upload(row);
  expect(sizes(row)).toEqual([8, 4]);
});

test('django 4.6/139 test_post_init_not_connected: a field without columns, or with some of them, writes no other columns', async () => {
  const storage = new MemoryStorage();
  const row: Person = { id: 1, name: 'Joe', ...EMPTY };
  const files = defineFiles(model<Person>()('person', 'id'), {
    mugshot: imageField({ storage }),
    headshot: imageField({ storage, columns: { height: 'headshotHeight' } }),
  });
  await files.mugshot.of(row).save(FIRST, { name: 'mug.png' });
  await files.headshot.of(row).save(SECOND, { name: 'head.png' });
  await files.mugshot.of(row).delete();
  await files.headshot.of(row).delete();
  expect(row).toEqual({ id: 1, name: 'Joe', ...EMPTY });
});

test('copies and adopted objects have their size; what is adopted and no image is refused', async () => {
  const all = people();
  const [one, other] = [await person(all), await person(all)];
  await all.files.mugshot.of(one).save(FIRST, { name: 'mug.png' });
  await all.files.mugshot.of(other).save(all.files.mugshot.of(one) as FieldFile as never);
  expect(await storedSizes(all, other.id)).toEqual([4, 8]);
  await all.storage.save('there.png', SECOND);
  await all.storage.save('there.txt', 'no image');
  all.files.mugshot.set(other, adopt('there.png'));
  await all.table.update(other);
  expect(await storedSizes(all, other.id)).toEqual([8, 4]);
  all.files.mugshot.set(other, adopt('there.txt'));
  await expect(all.table.update(other)).rejects.toSatisfy(error => isFieldFileError(error, 'not-accepted'));
  expect(await storedSizes(all, other.id)).toEqual([8, 4]);
});

test('a staged image brings its size to the row that takes it, also from plain data', async () => {
  using folder = temporaryFolder();
  using journal = new SqliteJournal(join(folder.path, 'journal'));
  const storage = new MemoryStorage();
  const table = new MemoryTable<Person>({ key: ['id'], files: ['mugshot'], generated: 'id', journal });
  const files = defineFiles(
    model<Person>()('person', 'id'),
    { mugshot: imageField({ storage, columns: { width: 'mugshotWidth', height: 'mugshotHeight' } }) },
    table.binding,
  );
  const { staged } = await files.mugshot.stage(FIRST, { name: 'mug.png' });
  const row = { name: 'Joe', ...EMPTY } as Person;
  files.mugshot.set(row, files.mugshot.restage(JSON.parse(JSON.stringify(staged))));
  await table.insert(row);
  expect(sizes(await table.get({ id: row.id }))).toEqual([4, 8]);
});

test.each([
  ['bytes', (bytes: Uint8Array<ArrayBuffer>) => bytes],
  ['a blob', (bytes: Uint8Array<ArrayBuffer>) => new Blob([bytes])],
  ['a stream', (bytes: Uint8Array<ArrayBuffer>) => chunked(bytes, 1000)],
  ['a web stream', (bytes: Uint8Array<ArrayBuffer>) => new Blob([bytes]).stream()],
] as const)('300 KB of metadata before the size are passed by, of %s', async (_, make) => {
  const all = people();
  const row = await person(all);
  const bytes = await jpegWithMetadata(300_000);
  await all.files.mugshot.of(row).save(make(bytes), { name: 'mug.jpg' });
  expect(sizes(row)).toEqual([8, 4]);
  expect(await all.files.mugshot.of(row).stored?.bytes()).toEqual(bytes);
});

test('a file of the disk has its size, and is left where it was', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'mug.png');
  writeFileSync(path, FIRST);
  const all = people();
  const row = await person(all);
  await all.files.mugshot.of(row).save(fromPath(path));
  expect(sizes(row)).toEqual([4, 8]);
});

const jpeg = await image('jpeg');
const REFUSED: readonly (readonly [what: string, name: string, content: string | Uint8Array])[] = [
  ['text', 'mug.png', 'no image'],
  ['nothing', 'mug.png', ''],
  ['an image cut off before its size', 'mug.png', FIRST.subarray(0, 20)],
  ['another format than the extension says', 'mug.png', jpeg],
  ['SVG by the name of an image', 'mug.png', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
  ['PDF by the name of an image', 'mug.jpg', '%PDF-1.7'],
  ['SVG', 'mug.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
  ['a format that the field does not take', 'mug.tiff', await image('tiff')],
];

test.each(REFUSED)('%s is refused before it is stored, whole and as a stream', async (_, name, content) => {
  const all = people();
  const row = await person(all);
  await all.files.mugshot.of(row).save(FIRST, { name: 'first.png' });
  const bytes = Buffer.from(content as string);
  for (const given of [bytes, chunked(bytes, 3), new Blob([bytes])])
    await expect(all.files.mugshot.of(row).save(given, { name })).rejects.toSatisfy(error =>
      isFieldFileError(error, 'not-accepted'),
    );
  expect(await storedSizes(all, row.id)).toEqual([4, 8]);
  const names: string[] = [];
  for await (const { name } of all.storage.list()) names.push(name);
  expect(names).toEqual(['first.png']);
});

test('formats are those of `accept`; a list without any raster image is refused when it is declared', async () => {
  const storage = new MemoryStorage();
  const files = defineFiles(model<Person>()('person', 'id'), {
    mugshot: imageField({ storage, accept: ['image/tiff', '.jpg'], columns: { width: 'mugshotWidth' } }),
  });
  const row: Person = { id: 1, name: 'Joe', ...EMPTY };
  await files.mugshot.of(row).save(await image('tiff', { width: 3, height: 5 }), { name: 'mug.tif' });
  expect(row.mugshotWidth).toBe(3);
  await files.mugshot.of(row).save(jpeg, { name: 'mug.jpg' });
  expect(row.mugshotWidth).toBe(8);
  await expect(files.mugshot.of(row).save(FIRST, { name: 'mug.png' })).rejects.toThrow(/accepts/);
  for (const accept of [['image/svg+xml'], [], ['.pdf']])
    expect(() => imageField({ accept })).toThrow(/raster/);
});
