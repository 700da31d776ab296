import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { recordCalls } from '@fieldfile/conformance';
import { configure, defineFiles, isFieldFileError, model, Storage, type StoredFile } from '@fieldfile/core';
import { recover, sweep } from '@fieldfile/core/journal';
import { SqliteJournal } from '@fieldfile/core/node';
import { FileSystemStorage } from '@fieldfile/fs';
import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { image } from '../../test/images.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { imageField } from '../field/image-field.ts';
import type { ImageProcessor } from '../processor/image-processor.ts';
import { sharpProcessor } from '../processor/sharp-processor.ts';
import { ImageVariants } from './image-variants.ts';

interface Photo {
  id: number;
  image: string | null;
  width: number | null;
  digest: string | null;
}

const folder = temporaryFolder();
const reported: unknown[] = [];
beforeAll(() => configure({ onError: error => reported.push(error) }));
afterAll(() => folder.remove());

const PICTURE = await image('png', { width: 40, height: 20 });
const OTHER = await image('jpeg', { width: 20, height: 40 });

interface Setup {
  readonly storage?: Storage;
  readonly variantStorage?: Storage;
  readonly digest?: boolean;
  readonly journaled?: boolean;
  readonly lockSeconds?: number;
  readonly processor?: ImageProcessor;
}

let counter = 0;

function photos({ digest = true, journaled = true, lockSeconds = 5, ...setup }: Setup = {}) {
  const { backend, calls } = recordCalls((setup.storage ?? new MemoryStorage()).backend);
  const storage = new Storage(backend);
  const journal = journaled ? new SqliteJournal(join(folder.path, `journal-${counter++}`)) : undefined;
  const table = new MemoryTable<Photo>({
    key: ['id'],
    files: ['image'],
    generated: 'id',
    ...(journal ? { journal } : {}),
  });
  const files = defineFiles(
    model<Photo>()('photo', 'id'),
    {
      image: imageField<Photo>({
        storage,
        columns: { width: 'width', ...(digest ? { digest: 'digest' as const } : {}) },
        variants: {
          thumb: { width: 10, height: 10, fit: 'cover', format: 'webp' },
          small: { width: 20, format: 'png' },
          shown: { width: 30, formats: ['avif', 'webp', 'jpeg'] },
        },
        ...(setup.variantStorage ? { variantStorage: setup.variantStorage } : {}),
      }),
    },
    table.binding,
  );
  let built = 0;
  const inner = setup.processor ?? sharpProcessor();
  const processor: ImageProcessor = {
    process(job) {
      built++;
      return inner.process(job);
    },
  };
  const own = temporaryFolder();
  const variants = new ImageVariants({ processor, folder: own.path, lockSeconds });
  return { storage, calls, table, files, variants, journal, work: own.path, built: () => built };
}

type Photos = ReturnType<typeof photos>;

async function photo({ table, files }: Photos, bytes: Uint8Array<ArrayBuffer> = PICTURE, name = 'photo.png') {
  const row = { image: null, width: null, digest: null } as unknown as Photo;
  files.image.of(row);
  await table.insert(row);
  await files.image.of(row).save(bytes, { name });
  return row;
}

function stored({ files }: Photos, row: Photo): StoredFile {
  const file = files.image.of(row).stored;
  if (!file) throw new Error('The row has no image.');
  return file;
}

async function names(storage: Storage): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of storage.list()) found.push(name);
  return found.sort();
}

describe.each([
  ['in memory', () => new MemoryStorage() as Storage],
  ['on disk', () => new FileSystemStorage({ root: join(folder.path, `disk-${counter++}`) }) as Storage],
] as const)('%s', (_, make) => {
  test('a variant is built when it is first read, and once for 50 who ask at a time', async () => {
    const all = photos({ storage: make() });
    const row = await photo(all);
    const thumb = await all.variants.of(stored(all, row), 'thumb');
    expect(await thumb.exists()).toBe(false);
    const opened = await Promise.all(
      Array.from({ length: 50 }, async () => (await all.variants.of(stored(all, row), 'thumb')).info()),
    );
    expect(new Set(opened.map(({ version }) => version)).size).toBe(1);
    expect(all.built()).toBe(1);
    await using read = await thumb.open();
    expect(read.info.contentType).toBe('image/webp');
    const { width, height, format } = await sharp(await read.bytes()).metadata();
    expect({ width, height, format }).toEqual({ width: 10, height: 10, format: 'webp' });
    expect(await names(all.storage)).toEqual([thumb.name, 'photo.png'].sort());
    expect(await all.journal?.entries()).toEqual([]);
    expect(readdirSync(all.work)).toEqual([]);
  });

  test('two who do not know of each other build once', async () => {
    const all = photos({ storage: make() });
    const row = await photo(all);
    const others = [1, 2, 3].map(
      () => new ImageVariants({ processor: countingProcessor(), folder: all.work }),
    );
    const infos = await Promise.all(
      others.map(async one => (await one.of(stored(all, row), 'thumb')).info()),
    );
    expect(new Set(infos.map(({ version }) => version)).size).toBe(1);
    expect(jobs).toBe(1);
  });

  test('variants go with their original: replaced, cleared, replaced in place', async () => {
    const all = photos({ storage: make() });
    const row = await photo(all);
    await all.variants.buildAll(stored(all, row));
    expect(await names(all.storage)).toHaveLength(1 + 5);
    await all.files.image.of(row).save(OTHER, { name: 'other.jpg' });
    expect(await names(all.storage)).toEqual(['other.jpg']);
    await all.variants.buildAll(stored(all, row));
    await all.files.image.of(row).stored?.replace(await image('jpeg', { width: 9, height: 9 }));
    expect(await names(all.storage)).toEqual(['other.jpg']);
    await all.variants.buildAll(stored(all, row));
    await all.files.image.of(row).delete();
    expect(await names(all.storage)).toEqual([]);
    expect(await all.journal?.entries()).toEqual([]);
  });
});

let jobs = 0;
function countingProcessor(): ImageProcessor {
  jobs = 0;
  const inner = sharpProcessor();
  return {
    process(job) {
      jobs++;
      return inner.process(job);
    },
  };
}

test('with a digest column a built variant is read with one request, and its name with none', async () => {
  const all = photos();
  const row = await photo(all);
  await (await all.variants.of(stored(all, row), 'thumb')).build();
  const before = all.calls.length;
  const thumb = await all.variants.of(stored(all, row), 'thumb');
  expect(all.calls.length).toBe(before);
  await (await thumb.open()).bytes();
  expect(all.calls.slice(before).map(({ operation }) => operation)).toEqual(['read']);
});

test.each([true, false])('a name never means other bytes, with a digest column: %s', async digest => {
  const all = photos({ digest });
  const row = await photo(all, PICTURE, 'same.png');
  const first = await all.variants.of(stored(all, row), 'thumb');
  await first.build();
  await all.files.image.of(row).delete();
  await all.files.image.of(row).save(await image('png', { width: 7, height: 7 }), { name: 'same.png' });
  expect(row.image).toBe('same.png');
  const second = await all.variants.of(stored(all, row), 'thumb');
  expect(second.name).not.toBe(first.name);
  await (await second.open()).bytes();
  await expect(first.info()).rejects.toSatisfy(error => isFieldFileError(error, 'not-found'));
});

test('on a storage that was moved, variants are found again by the digest of their original', async () => {
  const [one, other] = [photos(), photos()];
  const row = await photo(one);
  const thumb = await one.variants.of(stored(one, row), 'thumb');
  await thumb.build();
  for await (const { name } of one.storage.list()) {
    await using opened = await one.storage.open(name);
    await other.storage.save(name, await opened.bytes());
  }
  await other.table.put(row);
  const moved = await other.variants.of(stored(other, await other.table.get({ id: row.id })), 'thumb');
  expect(moved.name).toBe(thumb.name);
  await (await moved.open()).bytes();
  expect(other.built()).toBe(0);
});

test('a row object that is out of date gets no variant of bytes that are gone', async () => {
  const all = photos();
  const { id } = await photo(all);
  const [stale, fresh] = [await all.table.get({ id }), await all.table.get({ id })];
  const thumb = await all.variants.of(stored(all, stale), 'thumb');
  await stored(all, fresh).replace(await image('png', { width: 5, height: 5 }));
  await expect(thumb.open()).rejects.toSatisfy(error => isFieldFileError(error, 'not-found'));
  expect(await names(all.storage)).toEqual(['photo.png']);
});

test('formats are chosen by what is accepted by name, and the last one is for everybody', async () => {
  const all = photos();
  const file = stored(all, await photo(all));
  for (const [accept, format] of [
    ['image/avif,image/webp,*/*;q=0.8', 'avif'],
    ['text/html, image/webp', 'webp'],
    ['image/avif;q=0, image/webp;q=0.5', 'webp'],
    ['IMAGE/AVIF', 'avif'],
    ['image/*,*/*', 'jpeg'],
    ['', 'jpeg'],
    [null, 'jpeg'],
  ] as const) {
    const shown = await all.variants.of(file, 'shown', { accept });
    expect([accept, shown.transformation.format]).toEqual([accept, format]);
    expect(shown.vary).toEqual(['accept']);
  }
  expect((await all.variants.of(file, 'thumb', { accept: 'image/avif' })).vary).toEqual([]);
});

test('any other transformation can be asked for; what is none, or not declared, is refused', async () => {
  const all = photos();
  const file = stored(all, await photo(all));
  const made = await all.variants.of(file, { width: 5, format: 'gif' });
  expect(await sharp(await (await made.open()).bytes()).metadata()).toMatchObject({
    width: 5,
    format: 'gif',
  });
  for (const variant of [
    'large',
    'toString',
    { format: 'svg' as 'png' },
    { width: -1, format: 'png' as const },
  ])
    await expect(all.variants.of(file, variant)).rejects.toMatchObject({ code: 'invalid-argument' });
  expect(() => imageField({ variants: { bad: { width: 0.5, format: 'png' } } })).toThrow(/bad/);
});

test('an image that cannot be decoded builds nothing and leaves nothing', async () => {
  const all = photos();
  const row = await photo(all, PICTURE.slice(0, Math.floor(PICTURE.length * 0.8)));
  const thumb = await all.variants.of(stored(all, row), 'thumb');
  for (let attempt = 0; attempt < 2; attempt++)
    await expect(thumb.build()).rejects.toMatchObject({ code: 'not-accepted' });
  expect(await names(all.storage)).toEqual(['photo.png']);
  expect(await all.journal?.entries()).toEqual([]);
  expect(readdirSync(all.work)).toEqual([]);
});

test('variants can be on a storage of their own, and go with their original there', async () => {
  const variantStorage = new MemoryStorage() as Storage;
  const all = photos({ variantStorage });
  const row = await photo(all);
  const thumb = await all.variants.of(stored(all, row), 'thumb');
  await thumb.build();
  expect(await names(all.storage)).toEqual(['photo.png']);
  expect(await names(variantStorage)).toEqual([thumb.name]);
  await variantStorage.save('fieldfile-derived/gone.png/v-1/10x.png', 'orphan');
  const found: string[] = [];
  await sweep({
    storage: variantStorage,
    fields: [all.files.image],
    graceSeconds: 0,
    orphans: 'delete',
    onFinding: ({ kind, name }) => found.push(`${kind} ${name}`),
  });
  expect(found).toEqual(['orphan fieldfile-derived/gone.png/v-1/10x.png']);
  expect(await names(variantStorage)).toEqual([thumb.name]);
  await all.files.image.of(row).delete();
  expect(await names(variantStorage)).toEqual([]);
});

test('without a journal, and without a binding, variants go with their original, too', async () => {
  const all = photos({ journaled: false });
  const row = await photo(all);
  await all.variants.buildAll(stored(all, row));
  await all.files.image.of(row).delete();
  expect(await names(all.storage)).toEqual([]);
  const storage = new MemoryStorage();
  const plain = defineFiles(model<Photo>()('photo', 'id'), { image: imageField({ storage, variants: {} }) });
  const loose: Photo = { id: 1, image: null, width: null, digest: null };
  await plain.image.of(loose).save(PICTURE, { name: 'photo.png' });
  const file = plain.image.of(loose).stored;
  if (file) await (await all.variants.of(file, { width: 5, format: 'png' })).build();
  expect(await names(storage)).toHaveLength(2);
  await plain.image.of(loose).delete();
  expect(await names(storage)).toEqual([]);
});

test('what no row has yet gets no variant that stays', async () => {
  const all = photos();
  const row = await photo(all);
  await all.table
    .transaction(async () => {
      await all.files.image.of(row).save(OTHER, { name: 'other.jpg' });
      throw new Error('rolled back');
    })
    .catch(() => {});
  const gone = all.files.image.revive({
    model: 'photo',
    field: 'image',
    name: 'other.jpg',
    key: { id: row.id },
  });
  await all.storage.save('other.jpg', OTHER);
  if (gone.stored)
    await expect(
      all.variants.of(gone.stored, { width: 5, format: 'png' }).then(variant => variant.build()),
    ).rejects.toSatisfy(error => isFieldFileError(error, 'conflict', 'not-found'));
  expect(await names(all.storage)).toEqual(['other.jpg', 'photo.png']);
});

test('an image that goes while its variant is made leaves none behind', async () => {
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const inner = sharpProcessor();
  const all = photos({
    processor: {
      async process(job) {
        begun.resolve();
        await goOn.promise;
        return inner.process(job);
      },
    },
  });
  const row = await photo(all);
  const thumb = await all.variants.of(stored(all, row), 'thumb');
  const building = thumb.build();
  const refused = expect(building).rejects.toSatisfy(error =>
    isFieldFileError(error, 'conflict', 'not-found', 'precondition'),
  );
  await begun.promise;
  await all.files.image.of(row).save(OTHER, { name: 'other.jpg' });
  goOn.resolve();
  await refused;
  expect(await names(all.storage)).toEqual(['other.jpg']);
});

test('a lock of a process that died is taken over when it is old, by one of several', async () => {
  const all = photos({ lockSeconds: 0.3 });
  const row = await photo(all);
  const thumb = await all.variants.of(stored(all, row), 'thumb');
  await all.storage.save(`${thumb.name}.lock`, 'of a process that died');
  const others = [1, 2, 3].map(
    () => new ImageVariants({ processor: countingProcessor(), folder: all.work, lockSeconds: 0.3 }),
  );
  await Promise.all(others.map(async one => (await one.of(stored(all, row), 'thumb')).build()));
  expect(jobs).toBe(1);
  expect(await names(all.storage)).toEqual([thumb.name, 'photo.png'].sort());
});

test('a lock whose holder is slow and alive is waited for', async () => {
  const begun = Promise.withResolvers<void>();
  const inner = sharpProcessor();
  const all = photos({
    lockSeconds: 0.3,
    processor: {
      async process(job) {
        begun.resolve();
        await changedTimes(`${thumb.name}.lock`, 4); // longer than a dead one is waited for
        return inner.process(job);
      },
    },
  });
  async function changedTimes(name: string, times: number): Promise<void> {
    const versions = new Set<string>();
    while (versions.size <= times) {
      versions.add((await all.storage.info(name)).version);
      await new Promise(resolve => setImmediate(resolve));
    }
  }
  const row = await photo(all);
  const thumb = await all.variants.of(stored(all, row), 'thumb');
  const building = thumb.build();
  await begun.promise;
  const other = new ImageVariants({ processor: countingProcessor(), folder: all.work, lockSeconds: 0.3 });
  await (await other.of(stored(all, row), 'thumb')).build();
  await building;
  expect([all.built(), jobs]).toEqual([1, 0]);
  expect(await names(all.storage)).toHaveLength(2);
});

test('recovery takes back the lock and the variant of a process that died', async () => {
  const all = photos();
  const row = await photo(all);
  const { name } = await all.variants.of(stored(all, row), 'thumb');
  const { journal } = all;
  if (!journal) throw new Error('There is no journal.');
  for (const [id, left] of [
    ['one', name],
    ['two', `${name}.lock`],
  ] as const) {
    await journal.begin({
      ...{ id: `write-${id}` as never, kind: 'store', storage: all.storage.id, name: left },
      ...{ model: 'photo', field: 'image', key: null },
    });
    await all.storage.create(left, 'left behind', { writeId: `write-${id}` as never, onTaken: 'fail' });
    await journal.postpone(`write-${id}` as never, 0);
  }
  await recover(journal);
  expect(await names(all.storage)).toEqual(['photo.png']);
});

test('a wait for another process ends', async () => {
  const all = photos();
  const row = await photo(all);
  const thumb = await all.variants.of(stored(all, row), 'thumb');
  await all.storage.save(`${thumb.name}.lock`, 'of another process');
  const other = new ImageVariants({
    processor: sharpProcessor(),
    folder: all.work,
    lockSeconds: 60,
    waitSeconds: 0.2,
  });
  const asked = await other.of(stored(all, row), 'thumb');
  await expect(asked.build()).rejects.toMatchObject({ code: 'timeout', retryable: true });
});

test('nothing was reported', () => {
  expect(reported).toEqual([]);
});
