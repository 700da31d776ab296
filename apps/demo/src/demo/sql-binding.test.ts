import { DatabaseSync } from 'node:sqlite';
import { defineFiles, model } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { expect, test } from 'vitest';
import { sqlBinding } from './sql-binding.ts';

interface PageRow {
  book: string;
  number: number;
  'the "scan"': string | null;
}

function openBook() {
  const database = new DatabaseSync(':memory:');
  database.exec(
    'CREATE TABLE page (book TEXT, number INTEGER, "the ""scan""" TEXT, PRIMARY KEY (book, number))',
  );
  for (const [number, name] of [null, 'z', 'é', 'a'].entries())
    database.prepare('INSERT INTO page VALUES (?, ?, ?)').run('b', number, name);
  const binding = sqlBinding<PageRow>(database, 'page', ['book', 'number']);
  const names = (): unknown[] =>
    database
      .prepare('SELECT "the ""scan""" AS name FROM page ORDER BY number')
      .all()
      .map(row => row.name);
  return { binding, names };
}

const scan = 'the "scan"';

test('a row is loaded by every column of its key', async () => {
  const { binding } = openBook();
  const row = await binding.load({ book: 'b', number: 1 }, {});
  expect(row).toEqual({ book: 'b', number: 1, [scan]: 'z' });
  expect(row && binding.key(row)).toEqual({ book: 'b', number: 1 });
  expect(await binding.load({ book: 'b', number: 9 }, {})).toBeUndefined();
});

test('an update hits the one row whose columns still hold what is expected, null as well', async () => {
  const { binding, names } = openBook();
  const page = (number: number) => ({ book: 'b', number });
  expect(await binding.update(page(0), { [scan]: 'new' }, { expect: { [scan]: null } })).toEqual({});
  expect(await binding.update(page(1), { [scan]: 'new' }, { expect: { [scan]: 'y' } })).toBeUndefined();
  expect(names()).toEqual(['new', 'z', 'é', 'a']);
});

test('names come page by page in the order of their bytes', async () => {
  const { binding } = openBook();
  const page = async (limit: number, after?: string) =>
    (await binding.names(scan, { limit, ...(after === undefined ? {} : { after }) })).map(({ name }) => name);
  expect(await page(2)).toEqual(['a', 'z']);
  expect(await page(2, 'z')).toEqual(['é']);
  expect(await binding.isReferenced([scan], 'é', {})).toBe(true);
  expect(await binding.isReferenced([scan], 'e', {})).toBe(false);
});

test('of two rows loaded alike, the second to save is told that the row changed', async () => {
  const { binding, names } = openBook();
  const storage = new MemoryStorage();
  const pages = defineFiles(model<PageRow>()('page', 'book', 'number'), { [scan]: { storage } }, binding);
  const load = async (): Promise<PageRow> => {
    const row = await binding.load({ book: 'b', number: 0 }, {});
    if (!row) throw new Error('no row');
    return row;
  };
  const [one, other] = [await load(), await load()];
  await pages[scan].of(one).save('one', { name: 'scan.txt' });
  await expect(pages[scan].of(other).save('other', { name: 'scan.txt' })).rejects.toMatchObject({
    code: 'conflict',
  });
  expect(names()[0]).toBe('scan.txt');
  expect(await Array.fromAsync(storage.list(), ({ name }) => name)).toEqual(['scan.txt']);
});
