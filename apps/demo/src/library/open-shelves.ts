import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { FileSystemStorage } from '@fieldfile/fs';
import type { KyselyFiles } from '@fieldfile/kysely';
import { MemoryStorage } from '@fieldfile/memory';
import type { Kysely } from 'kysely';
import type { Settings } from '../demo/settings.ts';
import type { StorageName } from '../demo/storage-name.ts';
import { existingStorage, type Plan } from '../demo/storages/plan.ts';
import { createTable, type LibraryDatabase } from './database.ts';
import { Shelf } from './shelves.ts';

export interface ShelvesOptions {
  readonly folder: string;
  readonly db: Kysely<LibraryDatabase>;
  readonly files: KyselyFiles<LibraryDatabase>;
  readonly signingKey: Uint8Array;
  /** Real storages instead of test servers. */
  readonly settings: Settings;
}

/** A shelf, and how what was started for it ends. */
export interface OpenedShelf {
  readonly shelf: Shelf;
  close(): Promise<void>;
}

/** Opens one storage and declares its table. A cloud's package is loaded when it is asked for. */
export async function openShelf(
  name: StorageName,
  { folder, db, files, signingKey, settings }: ShelvesOptions,
): Promise<OpenedShelf> {
  // A disk and a process's memory serve nothing: this application does, at these addresses.
  const urls = { baseUrl: `/media/${name}/`, signingKey: randomBytes(32) };
  const plans: Readonly<Record<StorageName, () => Plan | Promise<Plan>>> = {
    fs: () =>
      existingStorage(
        'local disk',
        new FileSystemStorage({ ...(settings.fs ?? { root: join(folder, 'media') }), ...urls }),
      ),
    memory: () => existingStorage('this process', new MemoryStorage({ id: 'memory', ...urls })),
    s3: async () => (await import('../demo/storages/s3.ts')).planS3(settings.s3),
    gcs: async () => (await import('../demo/storages/gcs.ts')).planGcs(settings.gcs),
    azure: async () => (await import('../demo/storages/azure.ts')).planAzure(settings.azure),
  };
  const plan = await plans[name]();
  await createTable(db, name);
  // What a test server or this process's memory had is gone with the process, and so are its rows.
  if (plan.place !== 'local disk' && plan.place !== 'real') await db.deleteFrom(name).execute();
  const { storage, close } = await plan.open();
  return { shelf: new Shelf({ name, place: plan.place, storage }, { db, files, signingKey }), close };
}
