import { bindingContract } from '@fieldfile/conformance/binding';
import { SqlJournal } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import { declared } from '@fieldfile/test-servers/contracts';
import { mariadbContract, postgresContract, sqliteContract } from '@fieldfile/test-servers/databases';
import { bindingLoad } from '@fieldfile/test-servers/load';
import { mariadbMissing } from '@fieldfile/test-servers/mariadb';
import { DataSource } from 'typeorm';
import { afterAll, describe, test } from 'vitest';
import { openSubject } from '../test/contract-subject.ts';
import { LibsqlDriver } from '../test/libsql-driver.ts';
import { sqlExecutor } from './sql-executor.ts';

const createStorage = async () =>
  new MemoryStorage({ baseUrl: '/media/', signingKey: 'a secret of at least thirty-two bytes' });

bindingContract({
  ...declared('TypeORM on SQLite'),
  test,
  describe,
  ...bindingLoad,
  createStorage,
  open: async setup => {
    const database = await sqliteContract();
    return openSubject(database, setup, {
      options: { type: 'better-sqlite3', driver: LibsqlDriver, database: database.url },
      journal: database.journal,
    });
  },
});

bindingContract({
  ...declared('TypeORM on SQLite (better-sqlite3)'),
  test,
  describe,
  ...bindingLoad,
  createStorage,
  open: async setup => {
    const database = await sqliteContract();
    return openSubject(database, setup, {
      options: { type: 'better-sqlite3', database: database.url },
      journal: database.journal,
    });
  },
});

const postgres = postgresContract();
afterAll(() => postgres[Symbol.asyncDispose]());

bindingContract({
  ...declared('TypeORM on PostgreSQL'),
  test,
  describe,
  ...bindingLoad,
  createStorage,
  open: async setup => {
    const database = await postgres.open();
    const connect = (poolSize: number) =>
      // The contract cuts connections.
      ({ type: 'postgres', url: database.url, poolSize, poolErrorHandler: () => {} }) as const;
    const poolSize = 5;
    const journals = await new DataSource(connect(1)).initialize();
    return openSubject(database, setup, {
      options: connect(poolSize),
      dialect: 'postgresql',
      journal: new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(journals) }),
      poolSize,
      close: () => journals.destroy(),
    });
  },
});

const mariadb = mariadbContract();
afterAll(() => mariadb[Symbol.asyncDispose]());
const missing = mariadbMissing();

describe.skipIf(missing)(`a server of its own${missing ? ` (${missing})` : ''}`, () =>
  bindingContract({
    ...declared('TypeORM on MariaDB'),
    test,
    describe,
    ...bindingLoad,
    createStorage,
    open: async setup => {
      const database = await mariadb.open();
      const connect = (poolSize: number) => ({ type: 'mariadb', url: database.url, poolSize }) as const;
      const poolSize = 5;
      const journals = await new DataSource(connect(1)).initialize();
      return openSubject(database, setup, {
        options: connect(poolSize),
        dialect: 'mariadb',
        journal: new SqlJournal({ dialect: 'mariadb', execute: sqlExecutor(journals) }),
        poolSize,
        close: () => journals.destroy(),
      });
    },
  }),
);
