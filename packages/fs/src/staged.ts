import fs, { type BigIntStats } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Source, WriteId } from '@fieldfile/storage';
import { throwIfAborted, untilAborted, type WriteOptions } from '@fieldfile/storage/backend';
import type { Directory, Disk } from './directory.ts';
import { isDiskError } from './disk-error.ts';
import { receive } from './receive.ts';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL } = fs.constants;

export interface StageOptions extends WriteOptions {
  readonly disk: Disk;
  /** Exactly, whatever the umask. */
  readonly fileMode: number;
  readonly durable: boolean;
  /** Makes the name in the directory durable, if that was asked for. */
  syncName(): Promise<void>;
}

/** What a write has put into the internal folder under its write id: whole, with its mode, and durable if asked for. */
export interface Staged {
  readonly stats: BigIntStats;
  /** The caller's own file, to be taken away once the object is there. */
  readonly consumed?: {
    readonly path: string;
    /** It is a second name of the staged file, not a copy. */
    readonly shared: boolean;
  };
}

/** Puts a source's bytes into `directory`. A failure leaves nothing. */
export async function stage(directory: Directory, source: Source, options: StageOptions): Promise<Staged> {
  const { writeId, signal } = options;
  throwIfAborted(signal, 'write');
  const adopted = source.local && (await adopt(directory, source, source.local, options));
  const file = adopted
    ? await directory.open(writeId, O_RDONLY).catch(error => failed(directory, writeId, error))
    : await directory.open(writeId, O_WRONLY | O_CREAT | O_EXCL, options.fileMode);
  let closed: Promise<void> | undefined;
  try {
    if (!adopted) await receive(file, source, options);
    const stats = file.stamp(options.fileMode, preciseNow());
    if (options.durable) await file.sync();
    throwIfAborted(signal, 'write');
    closed = file.close();
    await Promise.all([closed, options.syncName()]);
    const { local } = source;
    return {
      stats,
      ...(local?.consume ? { consumed: { path: local.path, shared: adopted === 'linked' } } : {}),
    };
  } catch (error) {
    return await failed(directory, writeId, error);
  } finally {
    await (closed ?? file.close());
  }
}

async function failed(directory: Directory, writeId: WriteId, error: unknown): Promise<never> {
  await removeName(directory, writeId);
  throw error;
}

/**
 * The time with digits that no other write has. Kernels before 6.13 stamp files once per tick, some 4 ms: an inode used
 * again within one, for content of the same length, would look like the same version.
 */
export function preciseNow(): number {
  return (Date.now() + Math.random()) / 1000;
}

/**
 * Takes a file of this machine without reading it: by a second name when it may be consumed, else by reflink or a copy
 * in the kernel. Undefined when that cannot be: then its bytes are read, and whatever is wrong with it is told by that.
 */
async function adopt(
  directory: Directory,
  source: Source,
  local: NonNullable<Source['local']>,
  { disk, writeId, signal, onProgress }: StageOptions,
): Promise<'linked' | 'copied' | undefined> {
  const from = disk(dirname(local.path));
  const name = basename(local.path);
  const fits = async (links: bigint): Promise<boolean> => {
    const stats = await directory.stat(writeId);
    const sizeBytes = source.sizeBytes ?? Number(stats?.size);
    // Another name of the file, elsewhere, would let its content change under the object.
    if (stats?.isFile() && stats.nlink === links && Number(stats.size) === sizeBytes && isOurs(stats)) {
      onProgress?.({ sentBytes: sizeBytes, totalBytes: sizeBytes });
      return true;
    }
    await removeName(directory, writeId);
    return false;
  };
  // A second name first and the old one taken away last: no moment at which the file could be lost.
  if (local.consume) {
    const linked = await attempt(from.link(name, directory, writeId));
    if (linked && (await fits(2n))) return 'linked';
  }
  // The kernel does not stop for an abort: what it still makes then is taken away when it is done.
  const own = await directory.reopen();
  const copied = attempt(from.copy(name, own, writeId));
  const over = (): void => own.close();
  let done: boolean;
  try {
    done = await untilAborted(copied, signal, 'write');
  } catch (error) {
    const clean = (): Promise<unknown> => removeName(own, writeId);
    copied.then(clean, clean).then(over, over);
    await removeName(directory, writeId);
    throw error;
  }
  over();
  return done && (await fits(1n)) ? 'copied' : undefined;
}

/** Whether we may set its mode. */
function isOurs({ uid }: BigIntStats): boolean {
  return process.geteuid === undefined || process.geteuid() === Number(uid);
}

/** Whether it worked; a full disk is no reason to try another way. */
async function attempt(step: Promise<void>): Promise<boolean> {
  try {
    await step;
    return true;
  } catch (error) {
    if (isDiskError(error, 'ENOSPC', 'EDQUOT', 'EFBIG', 'EEXIST')) throw error;
    return false;
  }
}

/** Takes a name away that may be gone already. */
export async function removeName(directory: Directory, name: string): Promise<boolean> {
  try {
    await directory.unlink(name);
    return true;
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return false;
    throw error;
  }
}
