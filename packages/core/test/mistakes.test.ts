import {
  configure,
  defineFiles,
  type FieldFileError,
  isFieldFileError,
  model,
  storages,
} from '@fieldfile/core';
import { fileIndex, journalTable, SqlJournal } from '@fieldfile/core/journal';
import { FileSystemStorage } from '@fieldfile/fs';
import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import { Storage } from '@fieldfile/storage';
import { describe, expect, test } from 'vitest';

interface UserRow {
  id: number | undefined;
  tenant: string;
  avatar: string | null;
}

const kept: object[] = [];

function fixture(options: object = {}, values: Partial<UserRow> = {}) {
  const storage = new MemoryStorage();
  const users = defineFiles(model<UserRow>()('user', 'id'), { avatar: { storage, ...options } });
  const row = { id: undefined, tenant: 'acme', avatar: null, ...values };
  kept.push(row);
  const objects = async () => (await Array.fromAsync(storage.list())).map(({ name }) => name as string);
  return { users, row, handle: users.avatar.of(row), storage, objects };
}

function storageOf(configured: unknown): Storage {
  storages.configure({ mistaken: configured } as never);
  return storages.get('mistaken');
}

async function failure(run: () => unknown): Promise<FieldFileError> {
  try {
    await run();
  } catch (error) {
    if (isFieldFileError(error)) return error;
    throw error;
  }
  throw new Error('It did not throw.');
}

describe('a path that uploadTo cannot have meant is refused, with the fix', () => {
  const id: unknown = undefined;
  test.each<[unknown, shown: RegExp]>([
    [5, /a number/],
    [null, /null/],
    [undefined, /undefined/],
    [{}, /an object/],
    ['', /""/],
    ['photos/', /"photos\/"/],
    ['photos\\', /photos/],
    [`photos/${id}/a.txt`, /"undefined"/],
    [`photos/${null}/a.txt`, /"null"/],
    [`photos/${Number.NaN}/a.txt`, /"NaN"/],
    [`photos/${{}}/a.txt`, /object Object/],
    [`${id}.txt`, /"undefined"/],
    [`photos/user-${id}/a.txt`, /"undefined"/],
    [`photos/${id}_a.txt`, /"undefined"/],
    [`${new Date(Number.NaN)}/a.txt`, /Invalid Date/],
  ])('%j', async (path, shown) => {
    const { handle, row, objects } = fixture({ uploadTo: () => path });
    const error = await failure(() => handle.save('x', { name: 'a.txt' }));
    expect([error.code, error.field]).toEqual(['invalid-argument', 'user.avatar']);
    expect(error.message).toMatch(shown);
    expect([row.avatar, await objects()]).toEqual([null, []]);
  });

  test.each<[Partial<UserRow>, string, string]>([
    [{ tenant: 'undefined-behaviour' }, 'a.txt', 'undefined-behaviour/a.txt'],
    [{}, 'null.txt', 'acme/null.txt'],
    [{}, 'undefined', 'acme/undefined'],
    [{ tenant: 'nullable' }, 'a.txt', 'nullable/a.txt'],
  ])('but not a word that row %j or file %j has itself', async (values, name, stored) => {
    const uploadTo = (row: UserRow, filename: string) => `${row.tenant}/${filename}`;
    const { handle } = fixture({ uploadTo }, values);
    await handle.save('x', { name });
    expect(handle.name).toBe(stored);
  });
});

describe('what is no row, name, storage or option is refused by a FieldFileError', () => {
  const { users } = fixture();
  const journal = { dialect: 'sqlite', execute: async () => ({ rows: [] }) } as const;
  const define = (options: unknown) => () =>
    defineFiles(model<UserRow>()('user', 'id'), { avatar: options as object });
  test.each<[string, () => unknown, message: RegExp, field?: string]>([
    ['of(undefined)', () => users.avatar.of(undefined as never), /instead of a row/, 'user.avatar'],
    ['of(null)', () => users.avatar.of(null as never), /null instead of a row/, 'user.avatar'],
    ['of(5)', () => users.avatar.of(5 as never), /a number instead/, 'user.avatar'],
    ['get(undefined)', () => users.avatar.get(undefined as never), /instead of a row/, 'user.avatar'],
    ['set(undefined)', () => users.avatar.set(undefined as never, null), /instead of a row/, 'user.avatar'],
    ['load(undefined)', () => users.avatar.load(undefined as never, 'a'), /instead of a row/, 'user.avatar'],
    ['load(row, 5)', () => users.avatar.load({}, 5 as never), /holds a number/, 'user.avatar'],
    ['revive(undefined)', () => users.avatar.revive(undefined as never), /a reference/, 'user.avatar'],
    [
      'a number in the column',
      () => users.avatar.of({ id: 1, tenant: '', avatar: 5 } as never),
      /holds a number/,
      'user.avatar',
    ],
    [
      'no options of disk',
      () => new FileSystemStorage(undefined as never),
      /FileSystemStorage must be an object/,
    ],
    [
      'baseURL',
      () => new FileSystemStorage({ root: '/tmp', baseURL: '/x/' } as never),
      /"baseURL": give baseUrl/,
    ],
    ['maxByte', () => new MemoryStorage({ maxByte: 5 } as never), /"maxByte": give maxBytes/],
    [
      'a retry option',
      () => new MemoryStorage({ retry: { attempt: 1 } } as never),
      /"attempt": give attempts/,
    ],
    ['a gzip option', () => new MemoryStorage({ gzip: { types: [] } } as never), /"types"/],
    [
      'an option of Storage',
      () => new Storage(new MemoryStorage().backend, { name: {} } as never),
      /give names/,
    ],
    ['an option of a table', () => new MemoryTable({ keys: ['id'], files: [] } as never), /"keys": give key/],
    [
      'a storage class',
      () => storages.configure({ x: MemoryStorage } as never),
      /class MemoryStorage.*\(\) => new MemoryStorage\(\)/,
    ],
    ['a storage that is none', () => storageOf(5), /a number, no Storage/],
    ['no storages', () => storageOf(null), /null, no Storage/],
    ['an option of configure', () => configure({ onerror: () => {} } as never), /give onError/],
    ['a field option', define({ uploadto: 'a/' }), /"uploadto": give uploadTo/, 'user.avatar'],
    ['a column beside', define({ columns: { sizes: 'a' } }), /"sizes": give size/, 'user.avatar'],
    ["a field's storage class", define({ storage: MemoryStorage }), /class MemoryStorage/, 'user.avatar'],
    ["a field's storage that is none", define({ storage: {} }), /no Storage/, 'user.avatar'],
    ['no field options', define(null), /must be an object/, 'user.avatar'],
    ['an accept of numbers', define({ accept: [5] }), /accept must be/, 'user.avatar'],
    ['empty', define({ empty: 'none' }), /empty must be/, 'user.avatar'],
    ['ownership', define({ ownership: 'week' }), /ownership must be/, 'user.avatar'],
    ['a number as uploadTo', define({ uploadTo: 5 }), /uploadTo must be/, 'user.avatar'],
    [
      'a dialect',
      () => new SqlJournal({ ...journal, dialect: 'constructor' as never }),
      /dialect must be one of/,
    ],
    ['a dialect of a table', () => journalTable('toString' as never), /dialect must be one of/],
    ['a dialect of an index', () => fileIndex('__proto__' as never, 'a', 'b'), /dialect must be one of/],
    [
      'a limit',
      () => new SqlJournal(journal).entries({ limit: '1; DROP TABLE users' as never }),
      /whole number from 1/,
    ],
    ['a limit of none', () => new SqlJournal(journal).entries({ limit: 0 }), /whole number from 1/],
    ['half a limit', () => new SqlJournal(journal).claim(1.5), /whole number from 1/],
  ])('%s', async (_, run, message, field) => {
    const error = await failure(run);
    expect([error.code, error.field]).toEqual(['invalid-argument', field]);
    expect(error.message).toMatch(message);
  });

  test('options of a call', async () => {
    const { handle, storage } = fixture();
    await handle.save('x', { name: 'a.txt' });
    for (const run of [
      () => handle.save('x', { filename: 'a.txt' } as never),
      () => handle.stored?.replace('x', { name: 'a.txt' } as never),
      () => handle.stored?.url({ expiresIn: 5 } as never),
      () => storage.save('a', 'x', { contenttype: 'a/b' } as never),
      () => Array.fromAsync(storage.list('', { pagesize: 5 } as never)),
      () => storage.copy('a.txt', 'b.txt', { overwrite: true } as never),
    ])
      expect((await failure(run)).code).toBe('invalid-argument');
    expect(await Array.fromAsync(storage.list())).toHaveLength(1);
  });
});

test('every error of a handle says which field it was', async () => {
  const { handle, storage } = fixture({ maxLength: 12 });
  await handle.save('x', { name: 'a.txt' });
  await storage.delete('a.txt');
  const { stored } = handle;
  for (const run of [
    () => handle.save('x', { name: 'a.verylongextension' }),
    () => handle.save('x', { name: 'a.txt', contentType: 'a\nb' }),
    () => stored?.info(),
    () => stored?.open(),
    () => stored?.text(),
    () => stored?.blob(),
    () => stored?.size(),
    () => stored?.url(),
    () => stored?.path(),
    () => stored && new Response(stored.stream()).text(),
    () => stored && Array.fromAsync(stored.lines()),
    () => stored?.bytes({ start: -1 }),
  ])
    expect((await failure(run)).field).toBe('user.avatar');
});
