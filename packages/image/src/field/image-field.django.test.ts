import { defineFiles, type FieldFile, file, model } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import { describe, expect, test } from 'vitest';
import { chunked } from '../../test/images.ts';
import { EMPTY, FIRST, type Person, people, person, SECOND, sizes, storedSizes } from '../../test/people.ts';
import { imageField } from './image-field.ts';

test('django 4.6/126 test_equal_notequal_hash: images are equal by their names, of a row in memory and as it was loaded', async () => {
  const all = people();
  const [one, other] = [await person(all), await person(all)];
  const mugshot = all.files.mugshot.of(one);
  await mugshot.save(FIRST, { name: 'mug.png' });
  await all.files.mugshot.of(other).save(SECOND, { name: 'mug.png' });
  const loaded = all.files.mugshot.of(await all.table.get({ id: one.id }));
  expect(mugshot.equals(loaded as FieldFile)).toBe(true);
  expect(mugshot.equals('mug.png')).toBe(true);
  expect(mugshot.equals(all.files.mugshot.of(other) as FieldFile)).toBe(false);
  expect(mugshot.equals(null)).toBe(false);
});

test('django 4.6/128 test_delete_when_missing: an image that is gone can be removed, and its size goes with it', async () => {
  const all = people();
  const row = await person(all);
  await all.files.mugshot.of(row).save(FIRST, { name: 'mug.png' });
  await all.storage.delete('mug.png');
  await all.files.mugshot.of(row).delete();
  expect(await all.table.get({ id: row.id })).toMatchObject({ mugshot: null, mugshotWidth: null });
});

test('django 4.6/129 test_size_method: the length of an image in bytes is asked for without opening it', async () => {
  const all = people();
  const row = await person(all);
  await all.files.mugshot.of(row).save(FIRST, { name: 'mug.png' });
  const loaded = await all.table.get({ id: row.id });
  const before = all.calls.length;
  expect((await all.files.mugshot.of(loaded).stored?.info())?.sizeBytes).toBe(FIRST.byteLength);
  expect(all.calls.slice(before).map(({ operation }) => operation)).toEqual(['info']);
});

test('django 4.6/130 test_pickle: a reference to an image is plain data, and the row that it leads to has the size', async () => {
  const all = people();
  const row = await person(all);
  await all.files.mugshot.of(row).save(FIRST, { name: 'mug.png' });
  const reference = JSON.parse(JSON.stringify(all.files.mugshot.of(row).stored?.reference()));
  const revived = all.files.mugshot.revive(reference).stored;
  expect([revived?.name, await revived?.bytes()]).toEqual(['mug.png', FIRST]);
  expect(sizes(await all.table.get(reference.key))).toEqual([4, 8]);
  await all.files.mugshot.revive(reference).save(SECOND, { name: 'other.png' });
  expect(await storedSizes(all, row.id)).toEqual([8, 4]);
});

class Photo {
  declare id: number;
  declare width: number | null;
  declare height: number | null;
  declare image: FieldFile<Photo>;
}

function photos() {
  const storage = new MemoryStorage();
  const { image } = defineFiles(Photo, {
    image: imageField<Photo>({ storage, columns: { width: 'width', height: 'height' } }),
  });
  return { image, storage };
}

test('django 4.6/131 test_defer: a row that was loaded without its image has its size, and none that is made up', () => {
  const { image } = photos();
  const photo = Object.assign(new Photo(), { id: 1, width: 4, height: 8 });
  image.load(photo, undefined);
  expect(photo.image).toBeUndefined();
  expect([photo.width, photo.height]).toEqual([4, 8]);
  image.load(photo, 'mug.png');
  expect([photo.image.name, photo.width, photo.height]).toEqual(['mug.png', 4, 8]);
});

test('django 4.6/135 test_default_value: a row has a handle without an image from the beginning, and no size', async () => {
  const { image } = photos();
  const photo = new Photo();
  image.load(photo, null);
  expect([photo.image.name, photo.image.stored]).toEqual([null, null]);
  expect([photo.width, photo.height]).toEqual([undefined, undefined]);
  const all = people();
  const row = await person(all);
  expect(all.files.mugshot.of(row).stored).toBeNull();
  expect(await storedSizes(all, row.id)).toEqual([null, null]);
});

test('django 4.6/140 test_save_does_not_close_file: what was saved can be saved once more, from its beginning', async () => {
  const all = people();
  const row = await person(all);
  const photo = new File([FIRST], 'mug.png');
  await all.files.mugshot.of(row).save(photo);
  await all.files.headshot.of(row).save(photo);
  expect(row).toMatchObject({ mugshotWidth: 4, mugshotHeight: 8, headshotHeight: 8 });
  expect(new Uint8Array(await photo.arrayBuffer())).toEqual(FIRST);
});

interface Shape {
  readonly columns: { readonly width?: 'width'; readonly height?: 'height' };
  /** The row without an image, with its columns in the order in which they are declared. */
  readonly row: Readonly<Record<string, null>>;
  readonly given: (bytes: Uint8Array<ArrayBuffer>) => Parameters<typeof file>[0];
}

const BOTH = { width: 'width', height: 'height' } as const;
const ROW = { image: null, width: null, height: null };
const asBytes: Shape['given'] = bytes => bytes;

const SHAPES: readonly (readonly [title: string, shape: Shape])[] = [
  [
    'django 4.6/141 ImageFieldOneDimensionTests: a height alone',
    { columns: { height: 'height' }, row: { image: null, height: null }, given: asBytes },
  ],
  [
    'django 4.6/141 ImageFieldOneDimensionTests: a width alone',
    { columns: { width: 'width' }, row: { image: null, width: null }, given: asBytes },
  ],
  [
    'django 4.6/142 ImageFieldDimensionsFirstTests: columns of the size that stand before the image',
    { columns: BOTH, row: { width: null, height: null, image: null }, given: asBytes },
  ],
  [
    'django 4.6/143 ImageFieldUsingFileTests: images that are given as files of the browser',
    { columns: BOTH, row: ROW, given: bytes => new File([bytes], 'given.png') },
  ],
  [
    'django 4.6/143 ImageFieldUsingFileTests: images that are given as streams',
    { columns: BOTH, row: ROW, given: bytes => chunked(bytes, 7) },
  ],
];

interface Row {
  id: number;
  image: string | null;
  width?: number | null;
  height?: number | null;
}

describe.each(SHAPES)('%s', (_, { columns, row: empty, given }) => {
  const storage = new MemoryStorage();
  const table = new MemoryTable<Row>({ key: ['id'], files: ['image'], generated: 'id' });
  const { image } = defineFiles(
    model<Row>()('image', 'id'),
    { image: imageField<Row>({ storage, columns }) },
    table.binding,
  );
  const NAMES = Object.keys(columns) as (keyof typeof columns)[];
  /** What a row has in its columns; and that it has no others. */
  const expectSize = async (row: Row, size: { width: number | null; height: number | null }) => {
    const expected = Object.fromEntries(NAMES.map(name => [name, size[name]]));
    for (const one of [row, await table.get({ id: row.id })]) {
      const { id: __, image: ___, ...others } = one;
      expect(others).toEqual(expected);
    }
  };
  const PORTRAIT = { width: 4, height: 8 };
  const LANDSCAPE = { width: 8, height: 4 };
  const NONE = { width: null, height: null };
  const inserted = async (bytes?: Uint8Array<ArrayBuffer>): Promise<Row> => {
    const row = { ...empty } as unknown as Row;
    image.of(row);
    if (bytes) image.set(row, file(given(bytes), 'mug.png'));
    await table.insert(row);
    return row;
  };

  test('are true when the row is made with an image, or gets one later', async () => {
    await expectSize(await inserted(FIRST), PORTRAIT);
    const later = await inserted();
    await expectSize(later, NONE);
    image.set(later, file(given(SECOND), 'mug.png'));
    await table.update(later);
    await expectSize(later, LANDSCAPE);
  });

  test('are cleared with the image, and are those of the next one', async () => {
    const row = await inserted(FIRST);
    image.set(row, null);
    await table.update(row);
    await expectSize(row, NONE);
    image.set(row, file(given(SECOND), 'mug.png'));
    await table.update(row);
    await expectSize(row, LANDSCAPE);
  });

  test('are true after save, another save, and delete', async () => {
    const row = await inserted();
    const handle = image.of(row);
    await handle.save(given(FIRST), { name: 'mug.png' });
    await expectSize(row, PORTRAIT);
    await handle.save(given(SECOND), { name: 'mug.png' });
    await expectSize(row, LANDSCAPE);
    await handle.delete();
    await expectSize(row, NONE);
  });
});

test('django 4.6/144 test_constructor: both images of a row are given before it is written', async () => {
  const all = people();
  const row = { name: 'Joe', ...EMPTY } as Person;
  all.files.mugshot.set(row, file(FIRST, 'mug.png'));
  all.files.headshot.set(row, file(SECOND, 'head.png'));
  expect([...(sizes(row) as unknown[]), row.headshotHeight]).toEqual([null, null, null]);
  await all.table.insert(row);
  expect(row).toMatchObject({ mugshotWidth: 4, mugshotHeight: 8, headshotHeight: 4 });
});

test('django 4.6/145 test_create: a row that is created with two images has the size of each, once it is loaded', async () => {
  const all = people();
  const row = { name: 'Joe', ...EMPTY } as Person;
  all.files.mugshot.set(row, file(SECOND, 'mug.png'));
  all.files.headshot.set(row, file(FIRST, 'head.png'));
  await all.table.insert(row);
  const loaded = await all.table.get({ id: row.id });
  expect(loaded).toMatchObject({ mugshotWidth: 8, mugshotHeight: 4, headshotHeight: 8 });
  expect(all.files.headshot.of(loaded).stored?.name).toBe('head.png');
});

test('django 4.6/147 test_field_save_and_delete_methods: each image is saved and deleted by itself, and leaves the other’s size', async () => {
  const all = people();
  const row = await person(all);
  const stored = async () => {
    const { mugshotWidth, mugshotHeight, headshotHeight } = await all.table.get({ id: row.id });
    return [mugshotWidth, mugshotHeight, headshotHeight];
  };
  const [mugshot, headshot] = [all.files.mugshot.of(row), all.files.headshot.of(row)];
  await mugshot.save(FIRST, { name: 'mug.png' });
  await headshot.save(SECOND, { name: 'head.png' });
  await mugshot.save(SECOND, { name: 'mug.png' });
  expect(await stored()).toEqual([8, 4, 4]);
  await headshot.save(FIRST, { name: 'head.png' });
  expect(await stored()).toEqual([8, 4, 8]);
  await mugshot.delete();
  expect(await stored()).toEqual([null, null, 8]);
  await headshot.delete();
  expect(await stored()).toEqual([null, null, null]);
});

test('django 4.6/148 test_dimensions: the sizes of both images are loaded with the row, without a request', async () => {
  const all = people();
  const row = await person(all);
  await all.files.mugshot.of(row).save(FIRST, { name: 'mug.png' });
  await all.files.headshot.of(row).save(SECOND, { name: 'head.png' });
  const before = all.calls.length;
  const loaded = await all.table.get({ id: row.id });
  expect([sizes(loaded), loaded.headshotHeight]).toEqual([[4, 8], 4]);
  expect(all.files.mugshot.of(loaded).stored?.name).toBe('mug.png');
  expect(all.calls.length).toBe(before);
  all.files.headshot.set(loaded, file(FIRST, 'head.png'));
  await all.table.update(loaded);
  expect([sizes(loaded), loaded.headshotHeight]).toEqual([[4, 8], 8]);
});
