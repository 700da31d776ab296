import fs, { type BigIntStats } from 'node:fs';
import type { Directory } from './directory.ts';
import { DiskError, isDiskError, ROOT_VANISHED } from './disk-error.ts';
import { sameFile } from './object-info.ts';
import { readSmall } from './read-small.ts';

const { O_WRONLY, O_CREAT, O_EXCL } = fs.constants;

/** A file in the internal folder of a root. No write id has a dot. */
export const MARKER = 'root.id';

/** How often a marker may be half written by others. */
const TRIES = 100;

export interface RootMarkerOptions {
  /** The path of the root, for messages. */
  readonly path: string;
  /** False: a root without a marker is never used. */
  readonly mayMake: boolean;
  readonly durable: boolean;
}

/**
 * Tells a root from what is at its path while its disk is not mounted: an empty folder, or nothing. The root has a file
 * with an id of its own, and who has seen it once goes on with no other root.
 */
export class RootMarker {
  readonly #options: RootMarkerOptions;
  #known: { readonly id: string; readonly folder: BigIntStats } | undefined;

  constructor(options: RootMarkerOptions) {
    this.#options = options;
  }

  /**
   * Called before the root, or its internal folder, is made.
   *
   * @throws `ROOT_VANISHED` where one is known or demanded. A root that only lost its internal folder is still itself.
   */
  async requireMayMake(root: Directory): Promise<void> {
    if (!this.#known && this.#options.mayMake) return;
    if (!sameFolder(await rootStats(root), this.#known?.folder)) throw this.#vanished();
  }

  /** Looks at the root before something is written, and marks it when it is new. @throws `ROOT_VANISHED`. */
  async identify(root: Directory, internal: Directory): Promise<void> {
    const folder = await root.stat('.');
    if (!folder || sameFolder(folder, this.#known?.folder)) return;
    if (!this.#known && this.#options.mayMake) {
      this.#known = { folder, id: await mark(internal, this.#options.durable) };
      return;
    }
    if (!(await internal.stat(MARKER))) throw this.#vanished();
    this.#meet(folder, await mark(internal, this.#options.durable));
  }

  /** Looks at the root where nothing was found in it. @throws `ROOT_VANISHED`. */
  async check(root: Directory): Promise<void> {
    const folder = await rootStats(root);
    if (sameFolder(folder, this.#known?.folder)) return;
    const id = folder && (await markerBelow(root));
    if (folder && id !== undefined) return this.#meet(folder, id);
    if (this.#known || (!this.#options.mayMake && id === undefined)) throw this.#vanished();
  }

  #meet(folder: BigIntStats, id: string): void {
    if (this.#known && this.#known.id !== id) throw this.#vanished();
    this.#known = { folder, id };
  }

  #vanished(): DiskError {
    const { path } = this.#options;
    const why = this.#known
      ? 'it is not the root that was there before. Mount its disk again. If it was removed on purpose, construct the storage anew'
      : `it has no ${INTERNAL}/${MARKER}, and createRoot is false. Mount its disk. If it is new, save once without createRoot: false`;
    return new DiskError(ROOT_VANISHED, `the root ${JSON.stringify(path)} is not there: ${why}`);
  }
}

/** The folder that this package keeps for itself, in the root and, where a disk is mounted below it, there too. */
export const INTERNAL = '.fieldfile';

/** Undefined while nothing is at its path. */
async function rootStats(root: Directory): Promise<BigIntStats | undefined> {
  try {
    return await root.stat('.');
  } catch (error) {
    if (isDiskError(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Its number alone is given to another folder soon after. */
function sameFolder(one: BigIntStats | undefined, other: BigIntStats | undefined): boolean {
  return sameFile(one, other) && one?.birthtimeNs === other?.birthtimeNs;
}

/** Undefined also for who may read objects and not the internal folder. */
async function markerBelow(root: Directory): Promise<string | undefined> {
  try {
    const internal = await root.child(INTERNAL);
    try {
      return await markerIn(internal);
    } finally {
      internal.close();
    }
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'EPERM')) return undefined;
    throw error;
  }
}

/** Undefined also for one that is half written. */
async function markerIn(internal: Directory): Promise<string | undefined> {
  const text = (await readSmall(internal, MARKER))?.toString() ?? '';
  return /^[\w-]{36}\n/.test(text) ? text.slice(0, 36) : undefined;
}

/** The id of the marker that is there in the end: another process may make it at the same time. */
async function mark(internal: Directory, durable: boolean): Promise<string> {
  for (let tries = 0; tries < TRIES; tries++) {
    const id = await markerIn(internal);
    if (id !== undefined) return id;
    if (await internal.stat(MARKER)) await internal.unlink(MARKER).catch(unless('ENOENT'));
    await write(internal, durable).catch(unless('EEXIST'));
  }
  throw new DiskError('EIO', `${internal.path}/${MARKER} cannot be written`);
}

async function write(internal: Directory, durable: boolean): Promise<void> {
  const file = await internal.open(MARKER, O_WRONLY | O_CREAT | O_EXCL, 0o600);
  try {
    await file.append([
      Buffer.from(
        `${crypto.randomUUID()}\nFieldFile tells this folder from another by this file. Leave it here.\n`,
      ),
    ]);
    if (durable) await file.sync();
  } catch (error) {
    await internal.unlink(MARKER).catch(unless('ENOENT'));
    throw error;
  } finally {
    await file.close();
  }
  if (durable) await internal.sync();
}

const unless =
  (code: string) =>
  (error: unknown): void => {
    if (!isDiskError(error, code)) throw error;
  };
