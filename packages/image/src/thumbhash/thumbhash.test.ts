import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { adopt, defineFiles, FieldFileError, file, isFieldFileError, model } from '@fieldfile/core';
import { SqliteJournal } from '@fieldfile/core/node';
import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import sharp from 'sharp';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { chunked, image, plainImage } from '../../test/images.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { imageField } from '../field/image-field.ts';
import { childProcessor } from '../processor/child-processor.ts';
import type { ImageProcessor } from '../processor/image-processor.ts';
import { sharpProcessor } from '../processor/sharp-processor.ts';
import { thumbhashUrl } from './thumbhash-url.ts';

interface Person {
  id: number;
  avatar: string | null;
  width: number | null;
  hash: string | null;
}

const folder = temporaryFolder();
afterAll(() => folder.remove());

const RED = await plainImage(60, 40, '#ff0000');
const BLUE = await plainImage(40, 60, '#0000ff');
const children = childProcessor();
afterAll(() => children[Symbol.dispose]());

let counter = 0;

function people(processor: ImageProcessor = sharpProcessor()) {
  const storage = new MemoryStorage();
  const table = new MemoryTable<Person>({
    key: ['id'],
    files: ['avatar'],
    generated: 'id',
    journal: new SqliteJournal(join(folder.path, `journal-${counter++}`)),
  });
  const { avatar } = defineFiles(
    model<Person>()('person', 'id'),
    { avatar: imageField({ storage, processor, columns: { width: 'width', thumbhash: 'hash' } }) },
    table.binding,
  );
  return { storage, table, avatar };
}

type People = ReturnType<typeof people>;

async function person({ table, avatar }: People, content = RED): Promise<Person> {
  const row = { avatar: null, width: null, hash: null } as unknown as Person;
  avatar.set(row, file(content, 'me.png'));
  await table.insert(row);
  return row;
}

/** The colour of a picture, as far as its thumbhash tells. */
async function colourOf(hash: string | null): Promise<string | null> {
  const url = thumbhashUrl(hash);
  if (url === undefined) return null;
  const { dominant } = await sharp(Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')).stats();
  const { r, g, b } = dominant;
  return r > 200 && g < 60 && b < 60 ? 'red' : b > 200 && r < 60 && g < 60 ? 'blue' : `${r} ${g} ${b}`;
}

const storedColour = async ({ table }: People, { id }: Person): Promise<string | null> =>
  colourOf((await table.get({ id })).hash);

test.each([
  ['in this process', () => sharpProcessor()],
  ['in a child process', () => children],
] as const)(
  'decoded %s: the thumbhash is written with the row, of bytes and of a stream',
  async (_, make) => {
    const all = people(make());
    const row = await person(all);
    expect(await storedColour(all, row)).toBe('red');
    expect((await all.table.get({ id: row.id })).width).toBe(60);
    await all.avatar.of(row).save(chunked(BLUE, 100), { name: 'stream.png' });
    expect(await storedColour(all, row)).toBe('blue');
    expect(row.hash?.length).toBeLessThanOrEqual(40);
    const { stored } = all.avatar.of(row);
    expect(await stored?.bytes()).toEqual(BLUE);
  },
);

test('it follows what the row does with its file: cleared, replaced, copied, adopted, staged', async () => {
  const all = people();
  const row = await person(all);
  await all.avatar.of(row).stored?.replace(BLUE);
  expect(await storedColour(all, row)).toBe('blue');
  await all.avatar.of(row).delete();
  expect(await storedColour(all, row)).toBeNull();
  const other = await person(all, BLUE);
  all.avatar.set(row, all.avatar.of(other));
  await all.table.update(row);
  expect(await storedColour(all, row)).toBe('blue');
  await all.storage.save('adopted.png', RED);
  all.avatar.set(row, adopt('adopted.png'));
  await all.table.update(row);
  expect(await storedColour(all, row)).toBe('red');
  const staged = await all.avatar.stage(BLUE, { name: 'staged.png' });
  all.avatar.set(row, all.avatar.restage(JSON.parse(JSON.stringify(staged.staged))));
  await all.table.update(row);
  expect(await storedColour(all, row)).toBe('blue');
});

test('a rollback brings it back', async () => {
  const all = people();
  const row = await person(all);
  const saved = all.table.transaction(async () => {
    await all.avatar.of(row).save(BLUE, { name: 'blue.png' });
    expect(await colourOf(row.hash)).toBe('blue');
    throw new Error('rolled back');
  });
  await expect(saved).rejects.toThrow('rolled back');
  expect(await colourOf(row.hash)).toBe('red');
  expect(await storedColour(all, row)).toBe('red');
});

test('an image that cannot be decoded is stored, and has none', async () => {
  const all = people();
  const cut = (await image('png', { width: 200, height: 200 })).subarray(0, 1200);
  const row = await person(all, cut);
  expect([row.width, row.hash]).toEqual([200, null]);
  await all.avatar.of(row).save(RED, { name: 'red.png' });
  await all.avatar.of(row).stored?.replace(chunked(cut, 100));
  expect([row.width, row.hash]).toEqual([200, null]);
});

test('one with more bytes than are copied has none, and is stored whole', async () => {
  const all = people();
  const bytes = 50 * 1024 * 1024 + 1;
  const large = new Uint8Array(bytes);
  large.set(RED);
  const row = await person(all, large);
  expect([row.width, row.hash]).toEqual([60, null]);
  expect(await all.avatar.of(row).stored?.size()).toBe(bytes);
});

test.each(['not-accepted', 'too-large', 'timeout', 'aborted', 'backend'] as const)(
  'a processor that fails with %s costs the thumbhash and not the upload',
  async code => {
    const all = people({
      process: async () => {
        throw new FieldFileError(code, 'It failed.', { operation: 'process' });
      },
    });
    const row = await person(all);
    expect([row.width, row.hash]).toEqual([60, null]);
  },
);

test.each([
  new FieldFileError('unsupported', 'sharp is not installed.', { operation: 'process' }),
  new TypeError('a mistake in the processor'),
])('a processor that cannot work at all is told, and nothing is stored: %s', async error => {
  const all = people({ process: () => Promise.reject(error) });
  const failed = await person(all).catch((failure: unknown) => failure);
  expect(isFieldFileError(failed, 'not-inspected') && failed.cause).toBe(error);
  expect(await all.table.all()).toEqual([]);
});

test('what is no image is refused, and no copy of anything stays', async () => {
  using temporary = temporaryFolder(); // of this test alone: others make copies at the same time
  vi.stubEnv('TMPDIR', temporary.path);
  onTestFinished(() => void vi.unstubAllEnvs());
  const all = people();
  const text = new TextEncoder().encode('no image');
  await expect(person(all, text)).rejects.toMatchObject({ code: 'not-accepted' });
  await person(all);
  expect(readdirSync(temporary.path)).toEqual([]);
});

test('a column without a processor is refused', () => {
  expect(() => imageField<Person>({ columns: { thumbhash: 'hash' } })).toThrow(/processor/);
});

test('what is no thumbhash has no picture', () => {
  for (const text of [null, undefined, '', 'AAAA', 'not base64!', '////'])
    expect(thumbhashUrl(text), `${text}`).toBeUndefined();
});
