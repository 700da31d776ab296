import { type Journal, journalTable, SqlJournal } from '@fieldfile/core/journal';
import { SqliteJournal } from '@fieldfile/core/node';
import type { Backend } from '@fieldfile/storage';
import type { Database } from './database.ts';

export type DatabasePlace =
  | { readonly kind: 'sqlite'; readonly path: string; readonly journal: string }
  | { readonly kind: 'kysely'; readonly path: string; readonly journal: string }
  | { readonly kind: 'postgresql'; readonly url: string }
  | { readonly kind: 'mariadb'; readonly uri: string; readonly socketPath?: string };

export type StoragePlace =
  | { readonly kind: 'fs'; readonly root: string }
  | {
      readonly kind: 's3';
      readonly endpoint: string;
      readonly accessKey: string;
      readonly secretKey: string;
    };

/** What goes wrong with the database, beside the processes that are killed. */
export const DATABASE_FAULTS = ['server killed', 'COMMIT lost', 'deadlock in a savepoint'] as const;

export type DatabaseFault = (typeof DATABASE_FAULTS)[number];

/** Where rows, journal and objects are: data that every process is given. */
export interface World {
  readonly database: DatabasePlace;
  readonly storage: StoragePlace;
  readonly leaseSeconds: number;
  readonly undoAgainSeconds: readonly number[];
  /** What the processes have to expect. */
  readonly faults: readonly DatabaseFault[];
}

export const BUCKET = 'crash';

/** Loads what this database needs and nothing else: most of a process's short life would go by with loading. */
export async function openDatabase({ database }: World): Promise<Database> {
  if (database.kind === 'sqlite') return (await import('./sqlite-database.ts')).sqliteDatabase(database.path);
  if (database.kind === 'kysely') return (await import('./kysely-database.ts')).kyselyDatabase(database.path);
  if (database.kind === 'mariadb')
    return (await import('./mariadb-database.ts')).mariadbDatabase(database.uri, database.socketPath);
  return (await import('./postgres-database.ts')).postgresDatabase(database.url);
}

/** The journal that belongs to the database: beside SQLite, in the server's. */
export function openJournal(
  { database, leaseSeconds, undoAgainSeconds }: World,
  { execute }: Database,
): Journal {
  if (database.kind === 'sqlite' || database.kind === 'kysely')
    return new SqliteJournal(database.journal, { busyTimeoutMs: 30_000 });
  return new SqlJournal({ dialect: database.kind, execute, leaseSeconds, undoAgainSeconds });
}

/** Makes the journal's table where it does not make itself. */
export async function createJournal(database: Database): Promise<void> {
  if (database.dialect === 'sqlite') return;
  for (const statement of journalTable(database.dialect)) await database.execute(statement, []);
}

/** Power cuts are the simulated disk's business, not this one's: nothing waits for the real disk. */
export async function openBackend({ storage }: World): Promise<Backend> {
  if (storage.kind === 'fs') {
    const { FileSystemBackend } = await import('@fieldfile/fs');
    return new FileSystemBackend({
      ...{ root: storage.root, durability: 'process-crash' },
      ...{ baseUrl: 'http://localhost/media/', signingKey: 'a secret of at least thirty-two bytes' },
    });
  }
  const { S3Backend } = await import('@fieldfile/s3');
  return new S3Backend({
    bucketName: BUCKET,
    endpointUrl: storage.endpoint,
    regionName: 'us-east-1',
    accessKey: storage.accessKey,
    secretKey: storage.secretKey,
    partSizeBytes: 5 * 1024 * 1024,
  });
}
