import { bindingContract } from '@fieldfile/conformance/binding';
import { SqlJournal } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import { declared } from '@fieldfile/test-servers/contracts';
import { mariadbContract, postgresContract, sqliteContract } from '@fieldfile/test-servers/databases';
import { bindingLoad } from '@fieldfile/test-servers/load';
import { mariadbMissing } from '@fieldfile/test-servers/mariadb';
import { createClient } from '@libsql/client';
import { drizzle as drizzleBetterSqlite } from 'drizzle-orm/better-sqlite3';
import { drizzle as drizzleLibsql } from 'drizzle-orm/libsql';
import { drizzle as drizzleMysql } from 'drizzle-orm/mysql2';
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres';
import { drizzle as drizzlePostgresJs } from 'drizzle-orm/postgres-js';
import mysql from 'mysql2/promise';
import pg from 'pg';
import postgresJs from 'postgres';
import { afterAll, describe, test } from 'vitest';
import { type Db, openSubject } from '../test/contract-subject.ts';
import { sqlExecutor } from './driver.ts';

const createStorage = async () =>
  new MemoryStorage({ baseUrl: '/media/', signingKey: 'a secret of at least thirty-two bytes' });

bindingContract({
  ...declared('Drizzle on SQLite'),
  test,
  describe,
  ...bindingLoad,
  createStorage,
  open: async setup => {
    const database = await sqliteContract();
    const client = createClient({ url: `file:${database.url}` });
    return openSubject(database, setup, {
      db: drizzleLibsql(client),
      journal: database.journal,
      close: async () => client.close(),
    });
  },
});

bindingContract({
  ...declared('Drizzle on SQLite (better-sqlite3)'),
  test,
  describe,
  ...bindingLoad,
  createStorage,
  open: async setup => {
    const database = await sqliteContract();
    const db = drizzleBetterSqlite(database.url);
    return openSubject(database, setup, {
      db: db as unknown as Db,
      synchronous: db,
      journal: database.journal,
      close: async () => void db.$client.close(),
    });
  },
});

const postgres = postgresContract();
afterAll(() => postgres[Symbol.asyncDispose]());

bindingContract({
  ...declared('Drizzle on PostgreSQL'),
  test,
  describe,
  ...bindingLoad,
  createStorage,
  open: async setup => {
    const database = await postgres.open();
    const connect = (max: number): pg.Pool => {
      const pool = new pg.Pool({ connectionString: database.url, max });
      return pool.on('error', () => {}).on('connect', client => client.on('error', () => {})); // the contract cuts connections
    };
    const poolSize = 5;
    const [pool, journalPool] = [connect(poolSize), connect(1)];
    return openSubject(database, setup, {
      db: drizzlePostgres({ client: pool }) as unknown as Db,
      journal: new SqlJournal({
        dialect: 'postgresql',
        execute: sqlExecutor(drizzlePostgres({ client: journalPool })),
      }),
      dialect: 'postgresql',
      poolSize,
      async close() {
        await pool.end();
        await journalPool.end();
      },
    });
  },
});

bindingContract({
  ...declared('Drizzle on PostgreSQL (postgres.js)'),
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
      db: drizzlePostgresJs({ client }) as unknown as Db,
      journal: new SqlJournal({
        dialect: 'postgresql',
        execute: sqlExecutor(drizzlePostgresJs({ client: journals })),
      }),
      dialect: 'postgresql',
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
    ...declared('Drizzle on MariaDB'),
    test,
    describe,
    ...bindingLoad,
    createStorage,
    open: async setup => {
      const database = await mariadb.open();
      const connect = (connectionLimit: number): mysql.Pool =>
        mysql.createPool({ uri: database.url, connectionLimit });
      const poolSize = 5;
      const [pool, journalPool] = [connect(poolSize), connect(1)];
      return openSubject(database, setup, {
        db: drizzleMysql({ client: pool }) as unknown as Db,
        dialect: 'mariadb',
        journal: new SqlJournal({
          dialect: 'mariadb',
          execute: sqlExecutor(drizzleMysql({ client: journalPool })),
        }),
        poolSize,
        async close() {
          await pool.end();
          await journalPool.end();
        },
      });
    },
  }),
);
