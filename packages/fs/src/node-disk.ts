import fs, { type BigIntStats, type Dir, type Dirent } from 'node:fs';
import type { Directory, Disk, OpenFile } from './directory.ts';
import { DiskError, isDiskError } from './disk-error.ts';

const { O_RDONLY, O_DIRECTORY = 0, O_NOFOLLOW = 0, COPYFILE_EXCL, COPYFILE_FICLONE } = fs.constants;

type Callback<T> = (error: NodeJS.ErrnoException | null, value?: T) => void;

/** Callbacks rather than `node:fs/promises`: two thirds of the CPU for calls this small. */
function call<T = void>(start: (done: Callback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(DiskError.from(error)) : resolve(value as T)));
  });
}

/**
 * The disk of this machine.
 *
 * On Linux every directory below the root is a descriptor, opened one segment at a time without following links, and
 * names in it are reached as `/proc/self/fd/N/name`: a symbolic link planted at any moment leads nowhere.
 * Elsewhere every parent is checked immediately before each call, which leaves the moment between the two.
 */
export const nodeDisk: Disk = root =>
  reachesDescriptors() ? new DescriptorDirectory(root) : new CheckedDirectory(root, []);

let hasDescriptorPaths: boolean | undefined;

function reachesDescriptors(): boolean {
  hasDescriptorPaths ??= process.platform === 'linux' && isReachable('/proc/self/fd');
  return hasDescriptorPaths;
}

/** Paths that are allowed to a process do not cover `/proc`: under Node's `--permission` it is not there, Deno throws. */
function isReachable(path: string): boolean {
  try {
    return fs.existsSync(path);
  } catch {
    return false;
  }
}

/** What both kinds share: everything but how a name becomes a path. */
abstract class NodeDirectory implements Directory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  abstract child(name: string): Promise<Directory>;
  abstract reopen(): Promise<Directory>;
  abstract sync(): Promise<void>;
  abstract changeMode(mode: number): Promise<void>;
  abstract close(): void;
  /** A path that reaches `name` here and follows no link on its way; without a name, the directory itself. */
  abstract at(name?: string): string | Promise<string>;

  async open(name: string, flags: number, mode?: number): Promise<OpenFile> {
    const path = await this.at(name);
    return new NodeFile(await call<number>(done => fs.open(path, flags | O_NOFOLLOW, mode, done)));
  }

  async makeDirectory(name: string, mode: number): Promise<void> {
    const path = await this.at(name);
    return call(done => fs.mkdir(path, mode, done));
  }

  async stat(name: string): Promise<BigIntStats | undefined> {
    const path = await this.at(name);
    try {
      return await call<BigIntStats>(done => fs.lstat(path, { bigint: true }, done));
    } catch (error) {
      if (isDiskError(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  async link(name: string, target: NodeDirectory, targetName: string): Promise<void> {
    const [from, to] = [await this.at(name), await target.at(targetName)];
    return call(done => fs.link(from, to, done));
  }

  async rename(name: string, target: NodeDirectory, targetName: string): Promise<void> {
    const [from, to] = [await this.at(name), await target.at(targetName)];
    return call(done => fs.rename(from, to, done));
  }

  async unlink(name: string): Promise<void> {
    const path = await this.at(name);
    return call(done => fs.unlink(path, done));
  }

  async removeDirectory(name: string): Promise<void> {
    const path = await this.at(name);
    return call(done => fs.rmdir(path, done));
  }

  async entries(): Promise<Dirent[]> {
    const path = await this.at();
    // Not by callback: what that holds of a large folder outlives two collections of the young generation (measured).
    return fs.promises
      .readdir(path, { withFileTypes: true })
      .catch(error => Promise.reject(DiskError.from(error)));
  }

  async *eachEntry(): AsyncGenerator<Dirent> {
    const path = await this.at();
    const directory = await call<Dir>(done => fs.opendir(path, done));
    try {
      for (;;) {
        const entry = await call<Dirent | null>(done => directory.read(done));
        if (!entry) return;
        yield entry;
      }
    } finally {
      await call(done => directory.close(done));
    }
  }

  async entriesAsBytes(): Promise<Buffer[]> {
    const path = await this.at();
    return call<Buffer[]>(done => fs.readdir(path, 'buffer', done));
  }

  async copy(name: string, target: NodeDirectory, targetName: string): Promise<void> {
    const [from, to] = [await this.at(name), await target.at(targetName)];
    return call(done => fs.copyFile(from, to, COPYFILE_EXCL | COPYFILE_FICLONE, done));
  }
}

/** Linux: the root by its path, everything below by descriptor. */
class DescriptorDirectory extends NodeDirectory {
  /** Undefined: the root, which needs none, since a single segment below it is as safe by path. */
  readonly #descriptor: number | undefined;

  constructor(path: string, descriptor?: number) {
    super(path);
    this.#descriptor = descriptor;
  }

  at(name?: string): string {
    const here = this.#descriptor === undefined ? this.path : `/proc/self/fd/${this.#descriptor}`;
    return name === undefined ? here : `${here}/${name}`;
  }

  async child(name: string): Promise<Directory> {
    const path = this.at(name);
    try {
      const flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
      const descriptor = await call<number>(done => fs.open(path, flags, done));
      return new DescriptorDirectory(`${this.path}/${name}`, descriptor);
    } catch (error) {
      if (isDiskError(error, 'ENOTDIR') && (await this.stat(name))?.isSymbolicLink())
        throw symbolicLink(`${this.path}/${name}`, error);
      throw error;
    }
  }

  async openBelow(path: string, flags: number, realPath: string): Promise<OpenFile | undefined> {
    const descriptor = await this.#descriptorBelow(path, flags, realPath);
    return descriptor === undefined ? undefined : new NodeFile(descriptor);
  }

  async childBelow(path: string, realPath: string): Promise<Directory | undefined> {
    const descriptor = await this.#descriptorBelow(path, O_RDONLY | O_DIRECTORY, realPath);
    return descriptor === undefined ? undefined : new DescriptorDirectory(`${this.path}/${path}`, descriptor);
  }

  /** What was opened has a path of its own: it is the one that was asked for, or a link was followed. */
  async #descriptorBelow(path: string, flags: number, realPath: string): Promise<number | undefined> {
    const expected = `${realPath}/${path}`;
    if (expected.includes('\ufffd')) return undefined; // a name that is no UTF-8 would read as this one
    const descriptor = await new Promise<number | undefined>(resolve => {
      fs.open(`${this.at()}/${path}`, flags | O_NOFOLLOW, (_, opened) => resolve(opened));
    });
    if (descriptor === undefined) return undefined;
    // A name right below has no folder that could be a link.
    if (!path.includes('/') || pathOf(descriptor) === expected) return descriptor;
    fs.closeSync(descriptor);
    return undefined;
  }

  async reopen(): Promise<Directory> {
    const flags = O_RDONLY | O_DIRECTORY;
    return new DescriptorDirectory(this.path, await call<number>(done => fs.open(this.at('.'), flags, done)));
  }

  sync(): Promise<void> {
    return this.#withDescriptor(descriptor => call(done => fs.fsync(descriptor, done)));
  }

  changeMode(mode: number): Promise<void> {
    return this.#withDescriptor(descriptor => call(done => fs.fchmod(descriptor, mode, done)));
  }

  close(): void {
    if (this.#descriptor !== undefined) fs.closeSync(this.#descriptor);
  }

  async #withDescriptor(use: (descriptor: number) => Promise<void>): Promise<void> {
    if (this.#descriptor !== undefined) return use(this.#descriptor);
    const descriptor = await call<number>(done => fs.open(this.path, O_RDONLY | O_DIRECTORY, done));
    try {
      await use(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  }
}

/** Anywhere: paths, with every segment below the root looked at before each use. */
export class CheckedDirectory extends NodeDirectory {
  readonly #root: string;
  readonly #segments: readonly string[];

  constructor(root: string, segments: readonly string[]) {
    super([root, ...segments].join('/'));
    this.#root = root;
    this.#segments = segments;
  }

  async at(name?: string): Promise<string> {
    let path = this.#root;
    for (const segment of this.#segments) {
      path = `${path}/${segment}`;
      const stats = await call<BigIntStats>(done => fs.lstat(path, { bigint: true }, done));
      if (stats.isSymbolicLink()) throw symbolicLink(path);
      if (!stats.isDirectory()) throw new DiskError('ENOTDIR', `${path} is not a directory`);
    }
    return name === undefined ? path : `${path}/${name}`;
  }

  async child(name: string): Promise<Directory> {
    const child = new CheckedDirectory(this.#root, [...this.#segments, name]);
    await child.at();
    return child;
  }

  async reopen(): Promise<Directory> {
    return this;
  }

  /** Windows refuses to open a directory; NTFS journals names by itself. */
  async sync(): Promise<void> {
    if (process.platform === 'win32') return;
    const path = await this.at();
    const descriptor = await call<number>(done => fs.open(path, O_RDONLY, done));
    try {
      await call(done => fs.fsync(descriptor, done));
    } finally {
      fs.closeSync(descriptor);
    }
  }

  async changeMode(mode: number): Promise<void> {
    const path = await this.at();
    return call(done => fs.chmod(path, mode, done));
  }

  close(): void {}
}

/** Freeing so much takes no time to speak of. */
const LITTLE_BYTES = 1024 * 1024;

class NodeFile implements OpenFile {
  readonly #descriptor: number;
  /** Of a file with nothing left to write: what closing may free. */
  #cleanBytes = Number.POSITIVE_INFINITY;
  #writtenBytes = 0;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  get pathWhileOpen(): string | undefined {
    return reachesDescriptors() ? `/proc/self/fd/${this.#descriptor}` : undefined;
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    let total = 0;
    while (total < into.byteLength) {
      const read = await call<number>(done =>
        fs.read(this.#descriptor, into, total, into.byteLength - total, position + total, done),
      );
      if (read === 0) break;
      total += read;
    }
    return total;
  }

  async append(chunks: readonly Uint8Array[], position: number | null = null): Promise<void> {
    this.#cleanBytes = Number.POSITIVE_INFINITY;
    let rest = chunks;
    let at = position;
    while (rest.length > 0) {
      const [first] = rest;
      const written = await call<number>(done => {
        if (rest.length === 1 && first) fs.write(this.#descriptor, first, 0, first.byteLength, at, done);
        else if (at === null) fs.writev(this.#descriptor, rest, done);
        else fs.writev(this.#descriptor, rest, at, done);
      });
      rest = after(rest, written);
      this.#writtenBytes += written;
      if (at !== null) at += written;
    }
  }

  /** At once: the inode is in memory since the file was opened, and a turn in the thread pool takes ten times as long. */
  async stat(): Promise<BigIntStats> {
    return told(() => {
      const stats = fs.fstatSync(this.#descriptor, { bigint: true });
      this.#cleanBytes = Number(stats.size);
      return stats;
    });
  }

  stamp(mode: number, modified: number): BigIntStats {
    return told(() => {
      fs.futimesSync(this.#descriptor, modified, modified);
      const stats = fs.fstatSync(this.#descriptor, { bigint: true });
      if ((Number(stats.mode) & 0o7777) !== mode) fs.fchmodSync(this.#descriptor, mode);
      return stats;
    });
  }

  async sync(): Promise<void> {
    await call(done => fs.fsync(this.#descriptor, done));
    if (this.#writtenBytes > 0) this.#cleanBytes = this.#writtenBytes;
  }

  async close(): Promise<void> {
    if (this.#cleanBytes <= LITTLE_BYTES) return told(() => fs.closeSync(this.#descriptor));
    return call(done => fs.close(this.#descriptor, done));
  }
}

/** Where an open file is now; it ends in ` (deleted)` once it is nowhere. Undefined for a path that is too long to tell. */
function pathOf(descriptor: number): string | undefined {
  try {
    return fs.readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return undefined;
  }
}

/** What a synchronous call answers. */
function told<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw DiskError.from(error as NodeJS.ErrnoException);
  }
}

/** What a call that wrote only so many bytes left. */
function after(chunks: readonly Uint8Array[], writtenBytes: number): readonly Uint8Array[] {
  let index = 0;
  let left = writtenBytes;
  for (; index < chunks.length; index++) {
    const { byteLength } = chunks[index] as Uint8Array;
    if (left < byteLength) break;
    left -= byteLength;
  }
  if (left === 0) return chunks.slice(index);
  return [(chunks[index] as Uint8Array).subarray(left), ...chunks.slice(index + 1)];
}

function symbolicLink(path: string, cause?: unknown): DiskError {
  return new DiskError('ELOOP', `${path} is a symbolic link`, { cause });
}
