import { SqlJournal } from '@fieldfile/core/journal';
import { declared } from '@fieldfile/test-servers/contracts';
import { postgresContract, sqliteContract } from '@fieldfile/test-servers/databases';
import { loaded, type OtherDriver, startNeon } from '@fieldfile/test-servers/other-driver';
import { ONE_CONNECTION, pgliteContract } from '@fieldfile/test-servers/pglite';
import { sql } from 'drizzle-orm';
import { sqlExecutor } from '../src/driver.ts';
import { type DrizzleDatabase, DrizzleFiles } from '../src/drizzle-files.ts';
import { type Db, openSubject, type SyncDb } from './contract-subject.ts';

type Make<Result> = (given: unknown) => Result;

const { lacks: onPostgres } = declared('Drizzle on PostgreSQL');

/** Drivers of Drizzle that no test installs. */
export const otherDrivers: readonly OtherDriver[] = [
  {
    name: 'Drizzle on PostgreSQL (PGlite)',
    database: 'PostgreSQL',
    packages: ['@electric-sql/pglite'],
    lacks: { ...onPostgres, 'lost-commit': 'PGlite is in this process' },
    cannotBeAsked: ONE_CONNECTION,
    async start() {
      const { drizzle } = await loaded<{ readonly drizzle: Make<Db> }>('drizzle-orm/pglite');
      const { client, open } = await pgliteContract();
      return {
        open: async setup => {
          const database = await open();
          const { journal } = database;
          return openSubject(database, setup, {
            db: drizzle({ client }),
            dialect: 'postgresql',
            isAlone: true,
            journal,
            close: async () => {},
          });
        },
        [Symbol.asyncDispose]: () => client.close(),
      };
    },
  },
  {
    name: 'Drizzle on PostgreSQL (Neon, WebSocket)',
    database: 'PostgreSQL',
    packages: ['@neondatabase/serverless', 'ws'],
    lacks: onPostgres,
    async start() {
      const { drizzle } = await loaded<{ readonly drizzle: Make<Db> }>('drizzle-orm/neon-serverless');
      const neon = await startNeon();
      const postgres = postgresContract();
      return {
        open: async setup => {
          const database = await postgres.open();
          const poolSize = 5;
          const connect = (max: number) => neon.connect(database.url, max);
          const [pool, journals] = [connect(poolSize), connect(1)];
          return openSubject(database, setup, {
            db: drizzle({ client: pool }),
            dialect: 'postgresql',
            poolSize,
            journal: new SqlJournal({
              dialect: 'postgresql',
              execute: sqlExecutor(drizzle({ client: journals })),
            }),
            async close() {
              await pool.end();
              await journals.end();
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
    name: 'Drizzle on PostgreSQL (Neon, HTTP)',
    database: 'PostgreSQL',
    packages: ['@neondatabase/serverless'],
    lacks: {},
    async refused() {
      const { drizzle } = await loaded<{ readonly drizzle: Make<DrizzleDatabase> }>('drizzle-orm/neon-http');
      return new DrizzleFiles(drizzle('postgresql://user:password@localhost/app'));
    },
  },
  {
    name: 'Drizzle on SQLite (bun:sqlite)',
    database: 'SQLite',
    packages: ['@oven/bun-linux-x64'],
    runtime: 'bun',
    lacks: declared('Drizzle on SQLite (better-sqlite3)').lacks,
    async start() {
      const { drizzle } = await loaded<{ readonly drizzle: Make<SyncDb & { $client: { close(): void } }> }>(
        'drizzle-orm/bun-sqlite',
      );
      return {
        open: async setup => {
          const database = await sqliteContract();
          const db = drizzle(database.url);
          db.run(sql`PRAGMA foreign_keys = ON`); // as better-sqlite3 has it
          return openSubject(database, setup, {
            db: db as unknown as Db,
            synchronous: db,
            journal: database.journal,
            close: async () => db.$client.close(),
          });
        },
        async [Symbol.asyncDispose]() {},
      };
    },
  },
];
