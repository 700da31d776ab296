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

/** What `bindingContract` takes of a declared run. */
export function declared(name: string): { readonly name: string; readonly lacks: Lacks } {
  for (const { runs } of [...Object.values(CONTRACTS), REFERENCE]) {
    const run = runs.find(one => one.name === name);
    if (run) return { name, lacks: run.lacks };
  }
  throw new Error(
    `No run of the binding contract is called ${JSON.stringify(name)}: declare it in contracts.ts.`,
  );
}

function binding(
  own: Lacks,
  runs: Readonly<Record<string, readonly [database: ContractDatabaseName, driver: string, lacks?: Lacks]>>,
): ContractBinding {
  return {
    lacks: own,
    runs: Object.entries(runs).map(([name, [database, driver, lacks = {}]]) => ({
      name,
      database,
      driver,
      lacks: { ...own, ...DATABASE_LACKS[database], ...lacks },
    })),
  };
}
