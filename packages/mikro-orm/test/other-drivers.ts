import { SqlJournal } from '@fieldfile/core/journal';
import { declared } from '@fieldfile/test-servers/contracts';
import { mariadbContract, sqliteContract } from '@fieldfile/test-servers/databases';
import { loaded, type OtherDriver } from '@fieldfile/test-servers/other-driver';
import type { AbstractSqlDriver, MikroORM } from '@mikro-orm/sql';
import { sqlExecutor } from '../src/index.ts';
import { openSubject } from './contract-subject.ts';

interface Package {
  readonly MikroORM: { init(options: object): Promise<MikroORM<AbstractSqlDriver>> };
}

/** Drivers of MikroORM that no test installs. */
export const otherDrivers: readonly OtherDriver[] = [
  {
    name: 'MikroORM on SQLite (better-sqlite3)',
    database: 'SQLite',
    packages: ['@mikro-orm/sqlite@7.2.1'],
    lacks: declared('MikroORM on SQLite').lacks,
    async start() {
      const { MikroORM } = await loaded<Package>('@mikro-orm/sqlite');
      return {
        async open(setup) {
          const database = await sqliteContract();
          return openSubject(database, setup, {
            initialize: entities => MikroORM.init({ entities: [...entities], dbName: database.url }),
            journal: database.journal,
          });
        },
        async [Symbol.asyncDispose]() {},
      };
    },
  },
  {
    name: 'MikroORM on MariaDB (mysql2)',
    database: 'MariaDB',
    packages: ['@mikro-orm/mysql@7.2.1'],
    lacks: declared('MikroORM on MariaDB').lacks,
    async start() {
      const { MikroORM } = await loaded<Package>('@mikro-orm/mysql');
      const mariadb = mariadbContract();
      return {
        async open(setup) {
          const database = await mariadb.open();
          const poolSize = 5;
          const options = { clientUrl: database.url, dbName: new URL(database.url).pathname.slice(1) };
          const journals = await MikroORM.init({
            ...options,
            entities: [],
            discovery: { warnWhenNoEntities: false },
            pool: { max: 1 },
          });
          return openSubject(database, setup, {
            initialize: entities =>
              MikroORM.init({ ...options, entities: [...entities], pool: { max: poolSize } }),
            journal: new SqlJournal({ dialect: 'mariadb', execute: sqlExecutor(journals) }),
            dialect: 'mariadb',
            poolSize,
            close: () => journals.close(),
          });
        },
        [Symbol.asyncDispose]: () => mariadb[Symbol.asyncDispose](),
      };
    },
  },
];
