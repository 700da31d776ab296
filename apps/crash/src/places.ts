import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { documentsTable } from './documents.ts';
import {
  BUCKET,
  createJournal,
  type DatabasePlace,
  openDatabase,
  type StoragePlace,
  type World,
} from './world.ts';

export type DatabaseKind = DatabasePlace['kind'];
export type StorageKind = StoragePlace['kind'];

export interface Times {
  /** How long a silent process is left alone. */
  readonly leaseSeconds: number;
}

/** A world of its own, empty, with the servers it needs in other processes. */
export async function makeWorld(
  database: DatabaseKind,
  storage: StorageKind,
  directory: string,
  { leaseSeconds }: Times = { leaseSeconds: 1 },
): Promise<{ readonly world: World } & AsyncDisposable> {
  await using servers = new AsyncDisposableStack();
  const world: World = {
    database: await DATABASES[database](servers, directory),
    storage:
      storage === 'fs' ? { kind: 'fs', root: join(directory, 'objects') } : await s3(servers, directory),
    leaseSeconds,
    undoAgainSeconds: [2 * leaseSeconds, 3 * leaseSeconds],
  };
  await using opened = await openDatabase(world);
  for (const statement of documentsTable(opened)) await opened.execute(statement, []);
  await createJournal(opened);
  const all = servers.move();
  return { world, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

const DATABASES: Readonly<
  Record<DatabaseKind, (servers: AsyncDisposableStack, directory: string) => Promise<DatabasePlace>>
> = {
  sqlite: async (_, directory) => ({
    kind: 'sqlite',
    path: join(directory, 'rows.sqlite'),
    journal: join(directory, 'journal', 'files.journal'),
  }),
  // Loaded where they are needed: what starts PostgreSQL takes over the signals of the whole process.
  async postgresql(servers) {
    const { startPostgres } = await import('@fieldfile/test-servers/postgres');
    const server = servers.use(await startPostgres());
    return { kind: 'postgresql', url: await server.createDatabase() };
  },
  async mariadb(servers) {
    const { startMariadb } = await import('@fieldfile/test-servers/mariadb');
    const server = servers.use(await startMariadb());
    return { kind: 'mariadb', ...(await server.createDatabase()) };
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
