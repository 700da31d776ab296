import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  defineFiles,
  type FieldOptions,
  type FileField,
  type FileInput,
  model,
  type UploadClaim,
} from '@fieldfile/core';
import { type Journal, recover } from '@fieldfile/core/journal';
import { SqliteJournal } from '@fieldfile/core/node';
import { MemoryTable } from '@fieldfile/memory/table';
import type { Place } from './places.ts';

export interface Scan {
  id: number;
  file: string | null;
  size: number | null;
  digest: string | null;
}

/** Rows with a file each, a journal, and a storage that clients upload to. */
export interface World extends AsyncDisposable {
  readonly place: Place;
  readonly journal: Journal;
  readonly file: FileField<Scan, 'id', 'file'>;
  readonly table: MemoryTable<Scan>;
  /** Inserts a row with that file. */
  insert(id: number, file: FileInput): Promise<Scan>;
  /** Uploads as a browser does. @returns the status. */
  upload(claim: UploadClaim, bytes: BodyInit, headers?: Record<string, string>): Promise<number>;
  /** Recovers until no entry waits any more. */
  recoverAll(): Promise<void>;
}

const SIGNING_KEY = 'a key for claims of at least 32 bytes';

export async function openWorld(
  makePlace: () => Promise<Place>,
  options: Omit<FieldOptions<Scan>, 'storage' | 'uploadTo'> = {},
): Promise<World> {
  const place = await makePlace();
  const folder = mkdtempSync(join(tmpdir(), 'fieldfile-claims-'));
  const journal = new SqliteJournal(join(folder, 'journal'));
  const table = new MemoryTable<Scan>({ key: ['id'], files: ['file', 'size', 'digest'], journal });
  const { file } = defineFiles(
    model<Scan>()('scan', 'id'),
    { file: { storage: place.storage, uploadTo: 'scans/', claims: { signingKey: SIGNING_KEY }, ...options } },
    table.binding,
  );
  return {
    place,
    journal,
    file,
    table,
    async insert(id, input) {
      const row: Scan = { id, file: null, size: null, digest: null };
      file.set(row, input);
      await table.insert(row);
      return row;
    },
    async upload({ upload }, body, more = {}) {
      const { method, url, headers } = upload;
      const response = await place.fetch(
        new Request(url, { method, headers: { ...headers, ...more }, body }),
      );
      await response.body?.cancel();
      return response.status;
    },
    async recoverAll() {
      while ((await journal.entries()).length > 0) {
        await recover(journal);
        await new Promise(resolve => setTimeout(resolve, 20));
      }
    },
    async [Symbol.asyncDispose]() {
      journal.close();
      await place[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}
