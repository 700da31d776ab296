import { bindingContract } from '@fieldfile/conformance/binding';
import { SqlJournal } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import { declared } from '@fieldfile/test-servers/contracts';
import { mariadbContract, postgresContract, sqliteContract } from '@fieldfile/test-servers/databases';
import { bindingLoad } from '@fieldfile/test-servers/load';
import { mariadbMissing } from '@fieldfile/test-servers/mariadb';
import { MikroORM as LibSqlOrm } from '@mikro-orm/libsql';
import { MikroORM as MariadbOrm } from '@mikro-orm/mariadb';
import { MikroORM as PostgresOrm } from '@mikro-orm/postgresql';
import pg from 'pg';
import { afterAll, describe, test } from 'vitest';
import { openSubject } from '../test/contract-subject.ts';
import { releaseLost } from '../test/release-lost.ts';
import { sqlExecutor } from './index.ts';

const createStorage = async () =>
  new MemoryStorage({ baseUrl: '/media/', signingKey: 'a secret of at least thirty-two bytes' });

bindingContract({
  ...declared('MikroORM on SQLite'),
  test,
  describe,
  ...bindingLoad,
  createStorage,
  async open(setup) {
    const database = await sqliteContract();
    return openSubject(database, setup, {
      initialize: entities => LibSqlOrm.init({ entities: [...entities], dbName: database.url }) as never,
      journal: database.journal,
    });
  },
});

const postgres = postgresContract();
afterAll(() => postgres[Symbol.asyncDispose]());

bindingContract({
  ...declared('MikroORM on PostgreSQL'),
  test,
  describe,
  ...bindingLoad,
  createStorage,
  async open(setup) {
    const database = await postgres.open();
    const poolSize = 5;
    const pool = new pg.Pool({ connectionString: database.url, max: 1 });
    pool.on('error', () => {}); // idle connections end with the server
    return openSubject(database, setup, {
      initialize: entities =>
        PostgresOrm.init({
          entities: [...entities],
          clientUrl: database.url,
          dbName: new URL(database.url).pathname.slice(1),
          pool: { max: poolSize },
          driverOptions: { onPoolCreated: releaseLost },
        }) as never,
      journal: new SqlJournal({
        dialect: 'postgresql',
        execute: (sql, parameters) => pool.query(sql, [...parameters]),
      }),
      dialect: 'postgresql',
      poolSize,
      close: () => pool.end(),
    });
  },
});

const mariadb = mariadbContract();
afterAll(() => mariadb[Symbol.asyncDispose]());
const missing = mariadbMissing();

describe.skipIf(missing)(`a server of its own${missing ? ` (${missing})` : ''}`, () =>
  bindingContract({
    ...declared('MikroORM on MariaDB'),
    test,
    describe,
    ...bindingLoad,
    createStorage,
    async open(setup) {
      const database = await mariadb.open();
      const poolSize = 5;
      const options = { clientUrl: database.url, dbName: new URL(database.url).pathname.slice(1) };
      const journals = await MariadbOrm.init({
        ...options,
        entities: [],
        discovery: { warnWhenNoEntities: false },
        pool: { max: 1 },
      });
      return openSubject(database, setup, {
        initialize: entities =>
          MariadbOrm.init({ ...options, entities: [...entities], pool: { max: poolSize } }) as never,
        journal: new SqlJournal({ dialect: 'mariadb', execute: sqlExecutor(journals) }),
        dialect: 'mariadb',
        poolSize,
        close: () => journals.close(),
      });
    },
  }),
);
