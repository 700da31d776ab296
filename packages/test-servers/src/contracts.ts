import type { BindingContractOptions } from '@fieldfile/conformance/binding';

/** Why features of the binding contract are missing. */
type Lacks = NonNullable<BindingContractOptions['lacks']>;
export type ContractDatabaseName = 'PostgreSQL' | 'MariaDB' | 'SQLite';

/** One run of the binding contract: of a library, on a database, through a driver. */
export interface ContractRun {
  readonly name: string;
  readonly database: ContractDatabaseName;
  /** The packages that speak to the database. */
  readonly driver: string;
  /** What library, database and driver have not, each with the reason. */
  readonly lacks: Lacks;
  /** Another driver of the same library and database passed all of it: the tests run a part. */
  readonly isPart: boolean;
}

/** Of a library, on whatever database, and its runs. */
export interface ContractBinding {
  readonly lacks: Lacks;
  readonly runs: readonly ContractRun[];
}

const DATABASE_LACKS: Readonly<Record<ContractDatabaseName, Lacks>> = {
  SQLite: {
    'lost-commit': 'SQLite is in this process',
    'lost-connection': 'SQLite is in this process',
    'ended-silently': 'SQLite ends no transaction at a statement that succeeds',
    deadlocks: 'SQLite has one writer',
  },
  PostgreSQL: {
    'lost-connection': 'PostgreSQL ends no transaction by itself before',
    'ended-by-failure': 'PostgreSQL ends no transaction by itself',
    'ended-silently': 'PostgreSQL ends no transaction by itself',
  },
  MariaDB: {
    'deferred-constraints': 'MariaDB looks at constraints at once',
  },
};

/** Of a driver that answers at once. */
const SYNCHRONOUS: Lacks = { 'waiting-transactions': 'a synchronous transaction cannot wait' };
/** The tests run a part with this driver, and `npm run contract` all of it. */
const IN_PART = true;
/** Of transactions that Knex begins by itself. */
const OF_KNEX: Lacks = { retries: 'only `files.transaction` tries again' };

/** The reference of a synchronous driver, which is no package's. */
const REFERENCE = binding(
  { version: 'it has no version columns', 'by-hand': 'its transactions end with their work' },
  { 'SynchronousDatabase on SQLite (node:sqlite)': ['SQLite', '`node:sqlite`', SYNCHRONOUS] },
);

/** Every run that the packages of bindings have, by their folders. The tables in the READMEs are made of it. */
export const CONTRACTS: Readonly<Record<string, ContractBinding>> = {
  drizzle: binding(
    {
      version: 'Drizzle has no version columns',
      'by-hand': 'Drizzle ends transactions with their work',
    },
    {
      'Drizzle on PostgreSQL': ['PostgreSQL', '`pg`'],
      'Drizzle on PostgreSQL (postgres.js)': ['PostgreSQL', '`postgres`', {}, IN_PART],
      'Drizzle on MariaDB': ['MariaDB', '`mysql2`'],
      'Drizzle on SQLite': ['SQLite', '`@libsql/client`'],
      'Drizzle on SQLite (better-sqlite3)': ['SQLite', '`better-sqlite3`', SYNCHRONOUS],
    },
  ),
  kysely: binding(
    {
      version: 'Kysely has no version columns',
      'by-hand': 'files follow the transactions of `files.transaction` alone',
    },
    {
      'Kysely on PostgreSQL': ['PostgreSQL', '`pg`'],
      'Kysely on PostgreSQL (postgres.js)': [
        'PostgreSQL',
        '`postgres` (`kysely-postgres-js`)',
        { 'lost-commit': 'postgres.js 3.4 ends the process at a ROLLBACK on a connection that was lost' },
        IN_PART,
      ],
      'Kysely on MariaDB': ['MariaDB', '`mysql2`'],
      'Kysely on SQLite (libsql)': ['SQLite', '`libsql`'],
      'Kysely on SQLite (better-sqlite3)': ['SQLite', '`better-sqlite3`'],
      'Kysely on SQLite (node:sqlite)': ['SQLite', '`node:sqlite`'],
    },
  ),
  knex: binding(
    { version: 'Knex has no version columns' },
    {
      'Knex on PostgreSQL': ['PostgreSQL', '`pg`'],
      'Knex on PostgreSQL, transactions of Knex': ['PostgreSQL', '`pg`, by `db.transaction`', OF_KNEX],
      'Knex on MariaDB': ['MariaDB', '`mysql2`'],
      'Knex on MariaDB, transactions begun and ended by hand': ['MariaDB', '`mysql2`, by `commit`', OF_KNEX],
      'Knex on SQLite': ['SQLite', '`better-sqlite3`'],
      'Knex on SQLite, transactions begun and ended by hand': [
        'SQLite',
        '`better-sqlite3`, by `commit`',
        OF_KNEX,
      ],
    },
  ),
  typeorm: binding(
    { retries: 'TypeORM tries no transaction again' },
    {
      'TypeORM on PostgreSQL': ['PostgreSQL', '`pg`'],
      'TypeORM on MariaDB': ['MariaDB', '`mysql2`'],
      'TypeORM on SQLite': ['SQLite', '`libsql`'],
      'TypeORM on SQLite (better-sqlite3)': ['SQLite', '`better-sqlite3`', {}, IN_PART],
    },
  ),
  'mikro-orm': binding(
    {
      'bulk-update': 'em.nativeUpdate and query builders have no hook',
      'bulk-delete': 'em.nativeDelete and query builders have no hook',
      'unawaited-save': 'em.transactional waits for a flush of its entity manager that is under way',
      retries: 'MikroORM tries no transaction again, and entities do not show that theirs was rolled back',
    },
    {
      'MikroORM on PostgreSQL': ['PostgreSQL', '`@mikro-orm/postgresql`'],
      'MikroORM on MariaDB': ['MariaDB', '`@mikro-orm/mariadb`'],
      'MikroORM on SQLite': ['SQLite', '`@mikro-orm/libsql`'],
    },
  ),
  prisma: binding(
    {
      'by-hand': 'Prisma ends interactive transactions with their work',
      version: 'Prisma has no version columns',
      'unsaved-rows': 'Prisma has no row objects before a row is created',
      'removed-rows': 'Prisma deletes by a condition, and creates no row of a row object',
    },
    {
      'Prisma on PostgreSQL': ['PostgreSQL', '`@prisma/adapter-pg`'],
      'Prisma on MariaDB': ['MariaDB', '`@prisma/adapter-mariadb`'],
      'Prisma on SQLite': ['SQLite', '`@prisma/adapter-libsql`'],
    },
  ),
};

/** What shows that a driver does what others of its database do: transactions, answers, errors and connections. */
const PART = [
  ...['T1.insert', 'T1.assign', 'T1.assign-broken', 'T1.save-in-place', 'T1.delete-in-place', 'T1.remove'],
  ...[
    'T1.intent-first',
    'T1.fence-lost-save',
    'T3.shared-replaced',
    'T6.assigned',
    'T7.update-files',
    'T7.remove',
  ],
  ...['T9.twin-cover', 'T9.twin-assigned-cover', 'T5.names-cover', 'T9.concurrent-saves', 'T9.stale-save'],
  ...[
    'T8.commit',
    'T8.rollback-insert',
    'T8.rollback-assigned',
    'T8.failed-statement',
    'T8.swallowed-failure',
  ],
  ...['T8.retried', 'T8.savepoint-rolled-back', 'T8.savepoint-released', 'T8.commit-refused'],
  ...['T8.commit-lost-before', 'T8.commit-lost-after', 'T8.ended-failing', 'T8.ended-thrown'],
  ...[
    'T12.siblings',
    'T12.late-save',
    'T12.unawaited-save',
    'T12.own-connection',
    'T13.columns',
    'T13.stale',
  ],
  ...['O4.composite-key', 'O7.json'],
];

/** What `bindingContract` takes of a declared run. */
export function declared(
  name: string,
): Pick<ContractRun, 'name' | 'lacks'> & { readonly only?: readonly string[] } {
  for (const { runs } of [...Object.values(CONTRACTS), REFERENCE]) {
    const run = runs.find(one => one.name === name);
    if (run) return { name, lacks: run.lacks, ...(run.isPart && !isWhole() && { only: PART }) };
  }
  throw new Error(
    `No run of the binding contract is called ${JSON.stringify(name)}: declare it in contracts.ts.`,
  );
}

const isWhole = (): boolean =>
  process.env.FIELDFILE_TEST_LOAD === 'deep' || process.env.FIELDFILE_TEST_CONTRACT === 'whole';

type Declared = readonly [
  database: ContractDatabaseName,
  driver: string,
  lacks?: Lacks,
  isPart?: typeof IN_PART,
];

function binding(own: Lacks, runs: Readonly<Record<string, Declared>>): ContractBinding {
  return {
    lacks: own,
    runs: Object.entries(runs).map(([name, [database, driver, lacks = {}, isPart = false]]) => ({
      name,
      database,
      driver,
      lacks: { ...own, ...DATABASE_LACKS[database], ...lacks },
      isPart,
    })),
  };
}
