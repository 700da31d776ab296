import { SqlJournal } from '@fieldfile/core/journal';
import { declared } from '@fieldfile/test-servers/contracts';
import { postgresContract, sqliteContract } from '@fieldfile/test-servers/databases';
import { loaded, type OtherDriver, startNeon } from '@fieldfile/test-servers/other-driver';
import { ONE_CONNECTION, pgliteContract } from '@fieldfile/test-servers/pglite';
import { type Dialect, Kysely, PGliteDialect, PostgresDialect, type PostgresPool } from 'kysely';
import { sqlExecutor } from '../src/driver.ts';
import { openSubject, type Tables } from './contract-subject.ts';

const { lacks: onPostgres } = declared('Kysely on PostgreSQL');

/** Drivers of Kysely that no test installs. */
export const otherDrivers: readonly OtherDriver[] = [
  {
    name: 'Kysely on PostgreSQL (PGlite)',
    database: 'PostgreSQL',
    packages: ['@electric-sql/pglite'],
    lacks: { ...onPostgres, 'lost-commit': 'PGlite is in this process' },
    cannotBeAsked: ONE_CONNECTION,
    async start() {
      const { client, open } = await pgliteContract();
      return {
        open: async setup => {
          const database = await open();
          return openSubject(database, setup, {
            db: new Kysely<Tables>({ dialect: new PGliteDialect({ pglite: client as never }) }),
            journal: database.journal,
            close: async () => {}, // it would close PGlite
          });
        },
        [Symbol.asyncDispose]: () => client.close(),
      };
    },
  },
  {
    name: 'Kysely on PostgreSQL (Neon, WebSocket)',
    database: 'PostgreSQL',
    packages: ['@neondatabase/serverless', 'ws'],
    lacks: onPostgres,
    async start() {
      const neon = await startNeon();
      const postgres = postgresContract();
      return {
        open: async setup => {
          const database = await postgres.open();
          const connect = (max: number): PostgresDialect =>
            new PostgresDialect({ pool: neon.connect(database.url, max) as unknown as PostgresPool });
          const poolSize = 5;
          const db = new Kysely<Tables>({ dialect: connect(poolSize) });
          const journals = new Kysely<unknown>({ dialect: connect(1) });
          return openSubject(database, setup, {
            db,
            dialect: 'postgresql',
            poolSize,
            journal: new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(journals) }),
            async close() {
              await db.destroy();
              await journals.destroy();
            },
          });
        },
        async [Symbol.asyncDispose]() {
          await postgres[Symbol.asyncDispose]();
          await neon[Symbol.asyncDispose]();
        },
      };
    },
  },
  {
    name: 'Kysely on SQLite (@libsql/kysely-libsql)',
    database: 'SQLite',
    packages: ['@libsql/kysely-libsql'],
    lacks: declared('Kysely on SQLite (libsql)').lacks,
    async start() {
      const { LibsqlDialect } = await loaded<{
        readonly LibsqlDialect: new (options: { readonly url: string }) => Dialect;
      }>('@libsql/kysely-libsql');
      return {
        open: async setup => {
          const database = await sqliteContract();
          const db = new Kysely<Tables>({ dialect: new LibsqlDialect({ url: `file:${database.url}` }) });
          return openSubject(database, setup, { db, journal: database.journal, close: () => db.destroy() });
        },
        async [Symbol.asyncDispose]() {},
      };
    },
  },
];
