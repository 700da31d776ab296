import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CommitProxy } from '@fieldfile/test-servers/mariadb';
import { documentsTable } from './documents.ts';
import {
  BUCKET,
  createJournal,
  type DatabaseFault,
  type DatabasePlace,
  openDatabase,
  type StoragePlace,
  type World,
} from './world.ts';

export type DatabaseKind = DatabasePlace['kind'];
export type StorageKind = StoragePlace['kind'];

export interface PlaceOptions {
  /** How long a silent process is left alone. Default: 1. */
  readonly leaseSeconds?: number;
  /** What is to go wrong with the database. */
  readonly faults?: readonly DatabaseFault[];
}

/** What can go wrong with a database on request. */
export interface FaultyDatabase {
  /** The server is killed in the midst of what it does, and started again. */
  killServer?: (() => Promise<void>) | undefined;
  /** Through which all connections go. */
  proxy?: CommitProxy | undefined;
}

/** A world, and what can go wrong in it. */
export interface Place extends AsyncDisposable {
  readonly world: World;
  readonly faulty: FaultyDatabase;
}

/** A world of its own, empty, with the servers it needs in other processes. */
export async function makeWorld(
  database: DatabaseKind,
  storage: StorageKind,
  directory: string,
  { leaseSeconds = 1, faults = [] }: PlaceOptions = {},
): Promise<Place> {
  await using servers = new AsyncDisposableStack();
  const faulty: FaultyDatabase = {};
  const world: World = {
    database: await DATABASES[database]({ servers, directory, faults, faulty }),
    storage:
      storage === 'fs' ? { kind: 'fs', root: join(directory, 'objects') } : await s3(servers, directory),
    leaseSeconds,
    undoAgainSeconds: [2 * leaseSeconds, 3 * leaseSeconds],
    faults,
  };
  await using opened = await openDatabase(world);
  for (const statement of documentsTable(opened)) await opened.execute(statement, []);
  await createJournal(opened);
  const all = servers.move();
  return { world, faulty, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

interface Beginning {
  readonly servers: AsyncDisposableStack;
  readonly directory: string;
  readonly faults: readonly DatabaseFault[];
  /** Filled in. */
  readonly faulty: FaultyDatabase;
}

const DATABASES: Readonly<Record<DatabaseKind, (beginning: Beginning) => Promise<DatabasePlace>>> = {
  sqlite: async ({ directory }) => ({
    kind: 'sqlite',
    path: join(directory, 'rows.sqlite'),
    journal: join(directory, 'journal', 'files.journal'),
  }),
  kysely: async ({ directory }) => ({
    kind: 'kysely',
    path: join(directory, 'rows.sqlite'),
    journal: join(directory, 'journal', 'files.journal'),
  }),
  // Loaded where they are needed: what starts PostgreSQL takes over the signals of the whole process.
  async postgresql({ servers }) {
    const { startPostgres } = await import('@fieldfile/test-servers/postgres');
    const server = servers.use(await startPostgres());
    return { kind: 'postgresql', url: await server.createDatabase() };
  },
  async mariadb({ servers, faults, faulty }) {
    const { CommitProxy, deadlockTable, startMariadb } = await import('@fieldfile/test-servers/mariadb');
    const server = servers.use(await startMariadb());
    const database = await server.createDatabase();
    faulty.killServer = server.killAndRestart;
    const { mariadbDatabase } = await import('./mariadb-database.ts');
    await using opened = mariadbDatabase(database.uri, database.socketPath);
    if (faults.includes('deadlock in a savepoint'))
      for (const statement of deadlockTable) await opened.execute(statement, []);
    if (!faults.includes('COMMIT lost')) return { kind: 'mariadb', ...database };
    faulty.proxy = servers.use(await CommitProxy.start(database.uri, database));
    return { kind: 'mariadb', uri: faulty.proxy.url };
  },
};

async function s3(servers: AsyncDisposableStack, directory: string): Promise<StoragePlace> {
  mkdirSync(join(directory, 'bucket'));
  const command = fileURLToPath(import.meta.resolve('@fieldfile/test-servers/s3-command'));
  const child = fork(command, ['--bucket', BUCKET, '--directory', join(directory, 'bucket')], {
    execArgv: ['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  servers.defer(async () => {
    child.disconnect();
    await exited;
  });
  const [ready] = (await once(child, 'message')) as [
    { readonly endpoint: string; readonly accessKeyId: string; readonly secretAccessKey: string },
  ];
  const { endpoint, accessKeyId: accessKey, secretAccessKey: secretKey } = ready;
  return { kind: 's3', endpoint, accessKey, secretKey };
}
