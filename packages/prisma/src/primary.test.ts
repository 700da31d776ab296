import { file } from '@fieldfile/core';
import { recover, sweep } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import { asTenant, sqliteContract } from '@fieldfile/test-servers/databases';
import { expect, onTestFinished, test } from 'vitest';
import type { PrismaClient } from '../test/client/client.js';
import { postgresClient, sqliteClient } from '../test/clients.ts';
import { openDatabase } from '../test/opened.ts';
import { sqlExecutor } from './client.ts';
import { prismaFiles } from './prisma-files.ts';

interface Call {
  readonly model?: string;
  readonly operation: string;
  readonly args: unknown;
  readonly query: (args: unknown) => unknown;
  readonly __internalParams: { readonly transaction?: object };
}

/** As `readReplicas` of `@prisma/extension-read-replicas`: what reads goes to the replica, outside of transactions. */
function withReplica(client: PrismaClient, replica: PrismaClient): PrismaClient {
  const $allOperations = ({ model, operation, args, query, __internalParams }: Call): unknown => {
    const delegates = replica as unknown as Record<string, Record<string, (args: unknown) => unknown>>;
    const reads = /^(find|count|groupBy|aggregate)/.test(operation) && !__internalParams.transaction;
    return reads && model ? delegates[model.toLowerCase()]?.[operation]?.(args) : query(args);
  };
  const extension = { client: { $primary: () => client }, query: { $allOperations } };
  return client.$extends(extension as never) as unknown as PrismaClient;
}

test('with a replica that lags behind, rows are read for files on the primary', async () => {
  const { client, storage, objects, other } = await openDatabase('SQLite');
  const stale = await sqliteContract();
  const replica = sqliteClient(stale.url);
  onTestFinished(async () => {
    await replica.$disconnect();
    await stale[Symbol.asyncDispose]();
  });
  const replicated = withReplica(client, replica);
  const models = { document: { fields: { avatar: { storage, maxLength: 60 } } } } as const;
  const db = replicated.$extends(prismaFiles(replicated, { models }));
  const { avatar } = db.$file.document;
  const { id } = await db.document.create({ data: { avatar: avatar(file('a', 'a.txt')) } });
  expect(await db.document.findMany()).toEqual([]); // the application's own reads go to the replica
  await db.document.update({ where: { id }, data: { avatar: avatar(file('b', 'b.txt')) } });
  await db.document.updateMany({ data: { avatar: avatar(file('c', 'c.txt')) } });
  const upsert = { where: { id }, create: {}, update: { avatar: avatar(file('d', 'd.txt')) } };
  const row = await db.document.upsert(upsert);
  await row.avatar.save('e', { name: 'e.txt' });
  const handle = await avatar.field.byKey({ id });
  expect([handle.name, await objects()]).toEqual(['e.txt', ['e.txt']]);
  const twin = await other.insert({ name: 'twin', avatar: 'e.txt' });
  await handle.save('f', { name: 'f.txt' });
  expect(await objects()).toEqual(['e.txt', 'f.txt']);
  const found: string[] = [];
  await sweep({
    storage,
    fields: [avatar.field],
    graceSeconds: -60,
    onFinding: ({ name }) => found.push(name),
  });
  expect(found).toEqual([]);
  await db.document.deleteMany({ where: { id: { in: [id, twin] } } });
  expect(await objects()).toEqual([]);
});

test.each([
  ['a reader that sees all rows keeps', true],
  ['without one nobody keeps', false],
])('on PostgreSQL with row-level security %s the object that a hidden row names', async (_, withReader) => {
  const { url, client: all } = await openDatabase('PostgreSQL');
  const tenants = postgresClient(await asTenant(url));
  onTestFinished(() => tenants.$disconnect());
  const storage = new MemoryStorage();
  const models = { document: { fields: { avatar: { storage } } } } as const;
  const db = tenants.$extends(prismaFiles(tenants, withReader ? { models, reader: all } : { models }));
  const as = <T>(tenant: string, work: (tx: Pick<typeof db, 'document'>) => Promise<T>): Promise<T> =>
    db.$transaction(async tx => {
      await tx.$executeRaw`SELECT set_config('app.tenant', ${tenant}, true)`;
      return work(tx);
    });
  const avatar = await db.$file.document.avatar.upload(file('shared', 'shared.txt'));
  const mine = await as('one', tx => tx.document.create({ data: { avatar } }));
  const theirs = await as('two', tx => tx.document.create({ data: {} }));
  await all.document.update({ where: { id: theirs.id }, data: { avatar: mine.avatar.name } });
  await as('one', tx => tx.document.delete({ where: { id: mine.id } }));
  expect(await storage.exists('shared.txt')).toBe(withReader);
});

test.each(['SQLite', 'PostgreSQL'])(
  'what an extension makes of raw results changes no name and no journal, on %s',
  async kind => {
    const { client, storage, journal, url, objects } = await openDatabase(kind);
    const shout = {
      query: {
        async $queryRawUnsafe({ args, query }: Pick<Call, 'args' | 'query'>) {
          const rows = (await query(args)) as Record<string, unknown>[];
          return rows.map(row =>
            Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toUpperCase(), value])),
          );
        },
      },
    };
    const shouting = client.$extends(shout as never) as unknown as PrismaClient;
    expect(await shouting.$queryRawUnsafe('SELECT 1 AS one')).toMatchObject([{ ONE: expect.anything() }]);
    const models = { document: { fields: { avatar: { storage } } } } as const;
    const db = shouting.$extends(prismaFiles(shouting, { journal, models }));
    const { avatar } = db.$file.document;
    const row = await db.document.create({ data: { avatar: avatar(file('a', 'a.txt')) } });
    await row.avatar.save('b', { name: 'b.txt' });
    const found: unknown[] = [];
    await sweep({
      ...{ storage, fields: [avatar.field], graceSeconds: -60 },
      onFinding: finding => found.push(finding),
    });
    expect([found, await recover(journal), await objects()]).toMatchObject([
      [],
      { undone: 0, finished: 0 },
      ['b.txt'],
    ]);
    const other = kind === 'SQLite' ? sqliteClient(url) : postgresClient(url, 1);
    onTestFinished(() => other.$disconnect());
    const execute = sqlExecutor(other.$extends(shout as never) as unknown as PrismaClient);
    expect((await execute('SELECT avatar FROM documents', [])).rows).toEqual([{ avatar: 'b.txt' }]);
  },
);
