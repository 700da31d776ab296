import { file } from '@fieldfile/core';
import { sweep } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import { asTenant, postgresContract } from '@fieldfile/test-servers/databases';
import { type Generated, Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { KyselyFiles } from './kysely-files.ts';

const postgres = postgresContract();
afterAll(() => postgres[Symbol.asyncDispose]());

interface Tables {
  documents: {
    id: Generated<number>;
    name: Generated<string>;
    avatar: string | null;
    tenant: Generated<string>;
  };
}

const connect = (url: string): Kysely<Tables> => {
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }),
  });
  onTestFinished(() => db.destroy());
  return db;
};

/** Two tenants' rows that name one object. */
async function fixture(withReader: boolean) {
  const { url } = await postgres.open();
  const tenants = connect(await asTenant(url));
  const all = connect(url);
  const storage = new MemoryStorage();
  const files = new KyselyFiles(tenants, withReader ? { reader: all } : {});
  const documents = files.define('documents', { key: ['id'], fields: { avatar: { storage } } });
  const as = <T>(tenant: string, work: () => Promise<T>): Promise<T> =>
    files.transaction(async trx => {
      await sql`SELECT set_config('app.tenant', ${tenant}, true)`.execute(trx);
      return work();
    });
  const mine = await as('one', () => documents.insert({ avatar: file('shared', 'shared.txt') }));
  const theirs = await as('two', () => documents.insert({}));
  await all.updateTable('documents').set({ avatar: mine.avatar }).where('id', '=', theirs.id).execute();
  return { all, as, documents, mine, storage };
}

describe('rows hidden by row-level security on PostgreSQL', () => {
  test('a reader that sees all rows keeps the object that a hidden row names', async () => {
    const { as, documents, mine, storage } = await fixture(true);
    await expect(as('two', () => documents.update(mine, { name: 'not theirs' }))).rejects.toMatchObject({
      code: 'conflict',
    });
    await as('one', () => documents.delete(mine));
    expect(await storage.exists('shared.txt')).toBe(true);
    const found: unknown[] = [];
    const fields = [documents.fields.avatar];
    await sweep({ storage, fields, graceSeconds: -60, onFinding: ({ name }) => found.push(name) });
    expect(found).toEqual([]);
    const handle = await as('two', async () => documents.fields.avatar.byKey({ id: mine.id + 1 }));
    await as('two', () => handle.delete());
    expect(await storage.exists('shared.txt')).toBe(false);
  });

  test('without one nobody sees that row', async () => {
    const { as, documents, mine, storage } = await fixture(false);
    await as('one', () => documents.delete(mine));
    expect(await storage.exists('shared.txt')).toBe(false);
  });
});
