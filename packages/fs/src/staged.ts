import fs, { type BigIntStats } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Source } from '@fieldfile/storage';
import { throwIfAborted, untilAborted, type WriteOptions } from '@fieldfile/storage/backend';
import type { Directory, Disk, OpenFile } from './directory.ts';
import { isDiskError } from './disk-error.ts';
import { receive } from './receive.ts';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NONBLOCK = 0 } = fs.constants;

export interface StageOptions extends WriteOptions {
  readonly disk: Disk;
  /** Exactly, whatever the umask. */
  readonly fileMode: number;
  readonly durable: boolean;
  /** Makes the name in the directory durable, if that was asked for. */
  syncName(): Promise<void>;
  /** Has what could not be taken away of a failed write taken away later. Default: whoever writes does that. */
  left?(): Promise<void>;
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
  const file =
    adopted?.file ?? (await directory.open(writeId, O_WRONLY | O_CREAT | O_EXCL, options.fileMode));
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
      ...(local?.consume ? { consumed: { path: local.path, shared: adopted?.isShared === true } } : {}),
    };
  } catch (error) {
    return await failed(directory, options, error);
  } finally {
    await (closed ?? file.close());
  }
}

/** What went wrong first is what is told. */
async function failed(
  directory: Directory,
  { writeId, left }: Pick<StageOptions, 'writeId' | 'left'>,
  error: unknown,
): Promise<never> {
  try {
    await removeName(directory, writeId);
  } catch {
    await left?.().catch(() => {}); // tried again with the next write
  }
  throw error;
}

/**
 * The time with digits that no other write has. Kernels before 6.13 stamp files once per tick, some 4 ms: an inode used
 * again within one, for content of the same length, would look like the same version.
 */
export function preciseNow(): number {
  return (Date.now() + Math.random()) / 1000;
}

/** The caller's file under the write's id, open. */
interface Adopted {
  readonly file: OpenFile;
  /** It is a second name of the caller's file, not a copy. */
  readonly isShared: boolean;
}

/**
 * Takes a file of this machine without reading it: by a second name when it may be consumed, else by reflink or a copy
 * in the kernel. Undefined when that cannot be: then its bytes are read, and whatever is wrong with it is told by that.
 */
async function adopt(
  directory: Directory,
  source: Source,
  local: NonNullable<Source['local']>,
  options: StageOptions,
): Promise<Adopted | undefined> {
  const { disk, writeId, signal } = options;
  const from = disk(dirname(local.path));
  const name = basename(local.path);
  // A second name first and the old one taken away last: no moment at which the file could be lost.
  if (local.consume && (await attempt(from.link(name, directory, writeId)))) {
    const file = await opened(directory, source, 2n, options);
    if (file) return { file, isShared: true };
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
    return await failed(directory, options, error);
  }
  over();
  const file = done ? await opened(directory, source, 1n, options) : undefined;
  return file && { file, isShared: false };
}

/**
 * Opens what has the write's id now. Undefined, and gone, where it is not the source's file: another name of that, elsewhere,
 * would let its content change under the object.
 */
async function opened(
  directory: Directory,
  source: Source,
  links: bigint,
  { writeId, onProgress }: StageOptions,
): Promise<OpenFile | undefined> {
  let file: OpenFile | undefined;
  let fits = false;
  try {
    file = await directory.open(writeId, O_RDONLY | O_NONBLOCK); // a pipe would wait for somebody to write into it
    const stats = await file.stat();
    const sizeBytes = source.sizeBytes ?? Number(stats.size);
    const isIt = stats.isFile() && stats.nlink === links && Number(stats.size) === sizeBytes && isOurs(stats);
    if (isIt) onProgress?.({ sentBytes: sizeBytes, totalBytes: sizeBytes });
    fits = isIt;
  } catch (error) {
    if (!isDiskError(error, 'ELOOP', 'ENXIO')) throw error;
  } finally {
    if (!fits) {
      await file?.close();
      await removeName(directory, writeId);
    }
  }
  return fits ? file : undefined;
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
