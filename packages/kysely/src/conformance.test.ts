import { createRequire } from 'node:module';
import { bindingContract } from '@fieldfile/conformance/binding';
import { SqlJournal } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import { declared } from '@fieldfile/test-servers/contracts';
import { mariadbContract, postgresContract, sqliteContract } from '@fieldfile/test-servers/databases';
import { bindingLoad } from '@fieldfile/test-servers/load';
import { mariadbMissing } from '@fieldfile/test-servers/mariadb';
import { Kysely, MysqlDialect, PostgresDialect, type SqliteDatabase, SqliteDialect } from 'kysely';
import { PostgresJSDialect } from 'kysely-postgres-js';
import Libsql from 'libsql';
import mysql from 'mysql2';
import pg from 'pg';
import postgresJs from 'postgres';
import { afterAll, describe, test } from 'vitest';
import { openSubject, type Tables } from '../test/contract-subject.ts';
import { nodeSqlite } from '../test/node-sqlite.ts';
import { sqlExecutor } from './driver.ts';

const createStorage = async () =>
  new MemoryStorage({ baseUrl: '/media/', signingKey: 'a secret of at least thirty-two bytes' });

/** It has no types of its own. */
const BetterSqlite = createRequire(import.meta.url)('better-sqlite3') as new (path: string) => SqliteDatabase;

const sqliteDrivers: Readonly<Record<string, (path: string) => SqliteDatabase>> = {
  libsql: path => new Libsql(path),
  'better-sqlite3': path => new BetterSqlite(path),
  'node:sqlite': nodeSqlite,
};
for (const [driver, openFile] of Object.entries(sqliteDrivers))
  bindingContract({
    ...declared(`Kysely on SQLite (${driver})`),
    test,
    describe,
    ...bindingLoad,
    createStorage,
    open: async setup => {
      const database = await sqliteContract();
      const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: openFile(database.url) }) });
      return openSubject(database, setup, { db, journal: database.journal, close: () => db.destroy() });
    },
  });

const postgres = postgresContract();
afterAll(() => postgres[Symbol.asyncDispose]());

bindingContract({
  ...declared('Kysely on PostgreSQL'),
  test,
  describe,
  ...bindingLoad,
  createStorage,
  open: async setup => {
    const database = await postgres.open();
    const connect = (max: number): PostgresDialect => {
      const pool = new pg.Pool({ connectionString: database.url, max });
      pool.on('error', () => {}).on('connect', client => client.on('error', () => {})); // the contract cuts connections
      return new PostgresDialect({ pool });
    };
    const poolSize = 5;
    const db = new Kysely<Tables>({ dialect: connect(poolSize) });
    const journals = new Kysely<unknown>({ dialect: connect(1) });
    return openSubject(database, setup, {
      db,
      dialect: 'postgresql',
      journal: new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(journals) }),
      poolSize,
      async close() {
        await db.destroy();
        await journals.destroy();
      },
    });
  },
});

bindingContract({
  ...declared('Kysely on PostgreSQL (postgres.js)'),
  test,
  describe,
  ...bindingLoad,
  createStorage,
  open: async setup => {
    const database = await postgres.open();
    // Without prepared statements: the proxy that cuts a COMMIT has to read it.
    const connect = (max: number) => postgresJs(database.url, { max, prepare: false, onnotice: () => {} });
    const poolSize = 5;
    const [client, journals] = [connect(poolSize), connect(1)];
    return openSubject(database, setup, {
      db: new Kysely<Tables>({ dialect: new PostgresJSDialect({ postgres: client }) }),
      dialect: 'postgresql',
      journal: new SqlJournal({
        dialect: 'postgresql',
        execute: sqlExecutor(new Kysely({ dialect: new PostgresJSDialect({ postgres: journals }) })),
      }),
      poolSize,
      async close() {
        // Of a connection that was lost in a COMMIT it would wait for the end.
        await client.end({ timeout: 1 });
        await journals.end({ timeout: 1 });
      },
    });
  },
});

const mariadb = mariadbContract();
afterAll(() => mariadb[Symbol.asyncDispose]());
const missing = mariadbMissing();

describe.skipIf(missing)(`a server of its own${missing ? ` (${missing})` : ''}`, () =>
  bindingContract({
    ...declared('Kysely on MariaDB'),
    test,
    describe,
    ...bindingLoad,
    createStorage,
    open: async setup => {
      const database = await mariadb.open();
      const connect = (connectionLimit: number): MysqlDialect =>
        new MysqlDialect({ pool: mysql.createPool({ uri: database.url, connectionLimit }) });
      const poolSize = 5;
      const db = new Kysely<Tables>({ dialect: connect(poolSize) });
      const journals = new Kysely<unknown>({ dialect: connect(1) });
      return openSubject(database, setup, {
        db,
        dialect: 'mariadb',
        journal: new SqlJournal({ dialect: 'mariadb', execute: sqlExecutor(journals) }),
        poolSize,
        async close() {
          await db.destroy();
          await journals.destroy();
        },
      });
    },
  }),
);
