import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { FieldFileError } from '@fieldfile/storage';
import { throwIfAborted } from '@fieldfile/storage/backend';
import { DiskError, isDiskError } from './disk-error.ts';
import { sameFile } from './object-info.ts';
import type { Root } from './root.ts';
import { INTERNAL } from './root-marker.ts';

const NAME = 'lock.db';
const SQLITE_BUSY = 5;

/**
 * Lets one writer at a time look at a version and act on it, over all processes of this machine.
 *
 * The lock is an exclusive transaction on an empty SQLite file, in effect a POSIX lock: the system frees it when a
 * process is killed, so nobody ever has to break one. It comes into being with the first conditional write in a root;
 * from then on unconditional ones take it too, since a version that was checked must still be there when it is replaced.
 */
export class WriteLock {
  readonly #root: Root;
  #file: { readonly database: DatabaseSync; readonly stats: BigIntStats } | undefined;
  #inUse = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(root: Root) {
    this.#root = root;
  }

  /** @throws `aborted` while waiting. */
  async hold<T>(
    { conditional, signal }: { readonly conditional: boolean; readonly signal: AbortSignal | undefined },
    act: () => Promise<T>,
  ): Promise<T> {
    if (conditional) this.#inUse = true;
    this.#inUse ||= (await this.#stat()) !== undefined;
    if (!this.#inUse) return act();
    const turn = this.#last.then(async () => {
      const database = await this.#acquire(signal);
      try {
        return await act();
      } finally {
        database.exec('COMMIT');
      }
    });
    this.#last = turn.catch(() => {});
    return turn;
  }

  close(): void {
    this.#file?.database.close();
    this.#file = undefined;
  }

  async #acquire(signal: AbortSignal | undefined): Promise<DatabaseSync> {
    for (let attempt = 1; ; attempt++) {
      throwIfAborted(signal, 'wait for the write lock');
      this.#file ??= await this.#open();
      const { database, stats } = this.#file;
      if (!begin(database)) {
        await delay(Math.random() * Math.min(20, attempt));
        continue;
      }
      let current = false;
      try {
        current = sameFile(await this.#stat(), stats);
        if (current) return database;
      } finally {
        if (!current) this.close(); // the root was removed and made anew: that file locks nothing any more
      }
    }
  }

  async #open(): Promise<{ readonly database: DatabaseSync; readonly stats: BigIntStats }> {
    const sqlite = process.getBuiltinModule('node:sqlite');
    if (!sqlite)
      throw new FieldFileError(
        'unsupported',
        'Conditional writes need node:sqlite: run Node 22.13 or newer without --no-experimental-sqlite.',
        { operation: 'lock' },
      );
    (await this.#root.internal()).release();
    const path = join(this.#root.path, INTERNAL, NAME);
    try {
      const database = new sqlite.DatabaseSync(path, { timeout: 0 });
      database.exec('PRAGMA busy_timeout = 0');
      const stats = await this.#stat();
      if (stats) return { database, stats };
      database.close();
    } catch (error) {
      throw new DiskError('EACCES', `cannot open ${path}`, { cause: error });
    }
    return this.#open();
  }

  async #stat(): Promise<BigIntStats | undefined> {
    try {
      const internal = await this.#root.folder([INTERNAL]);
      try {
        return await internal.stat(NAME);
      } finally {
        internal.close();
      }
    } catch (error) {
      if (isDiskError(error, 'ENOENT')) return undefined;
      throw error;
    }
  }
}

function begin(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if ((error as { readonly errcode?: number }).errcode === SQLITE_BUSY) return false;
    throw error;
  }
}
