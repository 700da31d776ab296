import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CommitProxy } from './commit-proxy.ts';
import { type PostgresServer, startPostgres } from './server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server[Symbol.asyncDispose]());

async function connected(url: string): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end().catch(() => {}) });
}

test('every database is empty and apart from the others', async () => {
  const [one, two] = [await server.createDatabase(), await server.createDatabase()];
  await using first = await connected(one);
  await using second = await connected(two);
  await first.query('CREATE TABLE things (id integer)');
  await expect(second.query('SELECT * FROM things')).rejects.toMatchObject({ code: '42P01' });
});

test.each([
  ['before', 0],
  ['after', 1],
] as const)('a COMMIT lost %s the server has it leaves %i rows', async (when, rows) => {
  const url = await server.createDatabase();
  await using proxy = await CommitProxy.start(url);
  await using direct = await connected(url);
  await direct.query('CREATE TABLE things (id integer)');
  await using client = await connected(proxy.url);
  await client.query('BEGIN');
  await client.query('INSERT INTO things VALUES (1)');
  proxy.loseCommit(when);
  const lost = await client.query('COMMIT').catch(error => error);
  expect(String(lost)).toMatch(/terminated|ECONNRESET/);
  await using other = await connected(proxy.url);
  expect((await other.query('SELECT * FROM things')).rowCount).toBe(rows);
});
