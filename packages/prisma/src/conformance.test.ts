import { bindingContract } from '@fieldfile/conformance/binding';
import { SqlJournal } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import { declared } from '@fieldfile/test-servers/contracts';
import { mariadbContract, postgresContract, sqliteContract } from '@fieldfile/test-servers/databases';
import { bindingLoad } from '@fieldfile/test-servers/load';
import { mariadbMissing } from '@fieldfile/test-servers/mariadb';
import { afterAll, describe, test } from 'vitest';
import { mariadbClient, postgresClient, sqliteClient } from '../test/clients.ts';
import { openSubject } from '../test/contract-subject.ts';
import { sqlExecutor } from './client.ts';

const createStorage = async () =>
  new MemoryStorage({ baseUrl: '/media/', signingKey: 'a secret of at least thirty-two bytes' });

bindingContract({
  ...declared('Prisma on SQLite'),
  test,
  describe,
  ...bindingLoad,
  createStorage,
  open: async setup => {
    const database = await sqliteContract();
    return openSubject(database, setup, { client: sqliteClient(database.url), journal: database.journal });
  },
});

const postgres = postgresContract();
afterAll(() => postgres[Symbol.asyncDispose]());

bindingContract({
  ...declared('Prisma on PostgreSQL'),
  test,
  describe,
  ...bindingLoad,
  createStorage,
  open: async setup => {
    const database = await postgres.open();
    const poolSize = 5;
    const journals = postgresClient(database.url, 1);
    return openSubject(database, setup, {
      client: postgresClient(database.url, poolSize),
      journal: new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(journals) }),
      dialect: 'postgresql',
      poolSize,
      close: () => journals.$disconnect(),
    });
  },
});

const mariadb = mariadbContract();
afterAll(() => mariadb[Symbol.asyncDispose]());
const missing = mariadbMissing();

describe.skipIf(missing)(`a server of its own${missing ? ` (${missing})` : ''}`, () =>
  bindingContract({
    ...declared('Prisma on MariaDB'),
    test,
    describe,
    ...bindingLoad,
    createStorage,
    open: async setup => {
      const database = await mariadb.open();
      const poolSize = 5;
      const journals = mariadbClient(database.url, 1);
      return openSubject(database, setup, {
        client: mariadbClient(database.url, poolSize),
        journal: new SqlJournal({ dialect: 'mariadb', execute: sqlExecutor(journals) }),
        dialect: 'mariadb',
        poolSize,
        close: () => journals.$disconnect(),
      });
    },
  }),
);
