import { SqlJournal } from '@fieldfile/core/journal';
import { declared } from '@fieldfile/test-servers/contracts';
import { postgresContract, sqliteContract } from '@fieldfile/test-servers/databases';
import { loaded, type OtherDriver, startNeon } from '@fieldfile/test-servers/other-driver';
import { sqlExecutor } from '../src/client.ts';
import { postgresClientOf, sqliteClientOf } from './clients.ts';
import { openSubject } from './contract-subject.ts';

/** Driver adapters of Prisma that no test installs. */
export const otherDrivers: readonly OtherDriver[] = [
  {
    name: 'Prisma on SQLite (better-sqlite3)',
    database: 'SQLite',
    packages: ['@prisma/adapter-better-sqlite3@7.10.0'],
    lacks: declared('Prisma on SQLite').lacks,
    async start() {
      const { PrismaBetterSqlite3 } = await loaded<{
        readonly PrismaBetterSqlite3: new (options: { readonly url: string }) => object;
      }>('@prisma/adapter-better-sqlite3');
      return {
        open: async setup => {
          const database = await sqliteContract();
          const client = sqliteClientOf(new PrismaBetterSqlite3({ url: `file:${database.url}` }));
          return openSubject(database, setup, { client, journal: database.journal });
        },
        async [Symbol.asyncDispose]() {},
      };
    },
  },
  {
    name: 'Prisma on PostgreSQL (Neon, WebSocket)',
    database: 'PostgreSQL',
    packages: ['@prisma/adapter-neon@7.10.0', '@neondatabase/serverless', 'ws'],
    lacks: declared('Prisma on PostgreSQL').lacks,
    async start() {
      const { PrismaNeon } = await loaded<{
        readonly PrismaNeon: new (options: object, more: object) => object;
      }>('@prisma/adapter-neon');
      const neon = await startNeon();
      const postgres = postgresContract();
      return {
        open: async setup => {
          const database = await postgres.open();
          const connect = (max: number) =>
            postgresClientOf(
              new PrismaNeon({ connectionString: database.url, max }, { onPoolError: () => {} }), // the contract cuts connections
            );
          const poolSize = 5;
          const journals = connect(1);
          return openSubject(database, setup, {
            client: connect(poolSize),
            journal: new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(journals) }),
            dialect: 'postgresql',
            poolSize,
            close: () => journals.$disconnect(),
          });
        },
        async [Symbol.asyncDispose]() {
          await postgres[Symbol.asyncDispose]();
          await neon[Symbol.asyncDispose]();
        },
      };
    },
  },
];
