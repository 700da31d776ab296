import fs, { type BigIntStats, type Dirent } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Directory, Disk, OpenFile } from '../src/directory.ts';
import { nodeDisk } from '../src/node-disk.ts';

/** What a power cut leaves, at the least and at the most: POSIX promises only what was fsynced, a disk may have more. */
export type Survivors =
  /** Names as of the last fsync of their directory. */
  | 'synced-names'
  /** All names, also those that nobody fsynced. */
  | 'all-names';

/** Files by path, folders as undefined. */
export type Tree = ReadonlyMap<string, Buffer | undefined>;

/** Bytes of a file that are remembered; a larger one is empty afterwards. */
const LARGEST = 1024 * 1024;

interface Entry {
  readonly inode: string;
  readonly folder: boolean;
}

/**
 * The real disk, which remembers what was fsynced: contents of files, names in directories. After every call that
 * changes something, `onStep` may ask what would be left if the power failed then.
 */
export class SimulatedDisk {
  readonly disk: Disk;
  onStep: (() => void) | undefined;
  /** May hold up an fsync of a directory. */
  beforeDirectorySync: ((path: string) => Promise<void>) | undefined;
  /** May hold up the opening of a folder by its path. */
  beforeChildBelow: ((path: string) => Promise<void>) | undefined;
  readonly #root: string;
  readonly #contents = new Map<string, Buffer>();
  readonly #names = new Map<string, ReadonlyMap<string, Entry>>();
  /** A mutant: what it calls fsync is none. */
  readonly #lies: 'file' | 'directory' | undefined;

  /** What is in `root` already counts as durable. */
  constructor(root: string, { lies }: { readonly lies?: 'file' | 'directory' } = {}) {
    this.#root = root;
    this.#lies = lies;
    this.#keepAll(root);
    this.disk = path => new SimulatedDirectory(nodeDisk(path), this);
  }

  step(): void {
    this.onStep?.();
  }

  fileSynced(path: string): void {
    const stats = fs.statSync(path, { bigint: true });
    if (this.#lies === 'file' || stats.size > LARGEST) return;
    this.#contents.set(inodeOf(stats), fs.readFileSync(path));
  }

  directorySynced(path: string): void {
    if (this.#lies === 'directory') return;
    this.#names.set(inodeOf(fs.lstatSync(path, { bigint: true })), entriesOf(path));
  }

  /** What would be there after a power cut now. */
  survivors(which: Survivors): Tree {
    const tree = new Map<string, Buffer | undefined>();
    const visit = (path: string, inode: string): void => {
      const names = which === 'all-names' ? entriesOf(join(this.#root, path)) : this.#names.get(inode);
      for (const [name, entry] of names ?? []) {
        const child = path === '' ? name : `${path}/${name}`;
        tree.set(child, entry.folder ? undefined : (this.#contents.get(entry.inode) ?? Buffer.alloc(0)));
        if (entry.folder) visit(child, entry.inode);
      }
    };
    visit('', inodeOf(fs.statSync(this.#root, { bigint: true })));
    return tree;
  }

  #keepAll(path: string): void {
    this.#names.set(inodeOf(fs.statSync(path, { bigint: true })), entriesOf(path));
    for (const entry of fs.readdirSync(path, { withFileTypes: true })) {
      const child = join(path, entry.name);
      if (entry.isDirectory()) this.#keepAll(child);
      else if (entry.isFile()) this.fileSynced(child);
    }
  }
}

/** Puts what survived into an empty folder. Hard links are kept, as on the disk they came from. */
export function writeTree(tree: Tree, root: string): void {
  const written = new Map<Buffer, string>();
  for (const [name, content] of tree) {
    const path = join(root, name);
    if (content === undefined) {
      fs.mkdirSync(path);
      continue;
    }
    const same = content.length > 0 ? written.get(content) : undefined;
    if (same) fs.linkSync(same, path);
    else fs.writeFileSync(path, content);
    written.set(content, path);
  }
}

class SimulatedDirectory implements Directory {
  readonly #real: Directory;
  readonly #disk: SimulatedDisk;

  constructor(real: Directory, disk: SimulatedDisk) {
    this.#real = real;
    this.#disk = disk;
  }

  get path(): string {
    return this.#real.path;
  }

  async child(name: string): Promise<Directory> {
    return new SimulatedDirectory(await this.#real.child(name), this.#disk);
  }

  async openBelow(path: string, flags: number, realPath: string): Promise<OpenFile | undefined> {
    const file = await this.#real.openBelow?.(path, flags, realPath);
    return file && new SimulatedFile(file, this.#disk);
  }

  async childBelow(path: string, realPath: string): Promise<Directory | undefined> {
    await this.#disk.beforeChildBelow?.(path);
    const child = await this.#real.childBelow?.(path, realPath);
    return child && new SimulatedDirectory(child, this.#disk);
  }

  async reopen(): Promise<Directory> {
    return new SimulatedDirectory(await this.#real.reopen(), this.#disk);
  }

  async open(name: string, flags: number, mode?: number): Promise<OpenFile> {
    const file = await this.#real.open(name, flags, mode);
    this.#disk.step();
    return new SimulatedFile(file, this.#disk);
  }

  makeDirectory(name: string, mode: number): Promise<void> {
    return this.#changed(this.#real.makeDirectory(name, mode));
  }

  stat(name: string): Promise<BigIntStats | undefined> {
    return this.#real.stat(name);
  }

  link(name: string, target: SimulatedDirectory, targetName: string): Promise<void> {
    return this.#changed(this.#real.link(name, target.#real, targetName));
  }

  rename(name: string, target: SimulatedDirectory, targetName: string): Promise<void> {
    return this.#changed(this.#real.rename(name, target.#real, targetName));
  }

  copy(name: string, target: SimulatedDirectory, targetName: string): Promise<void> {
    return this.#changed(this.#real.copy(name, target.#real, targetName));
  }

  unlink(name: string): Promise<void> {
    return this.#changed(this.#real.unlink(name));
  }

  removeDirectory(name: string): Promise<void> {
    return this.#changed(this.#real.removeDirectory(name));
  }

  changeMode(mode: number): Promise<void> {
    return this.#changed(this.#real.changeMode(mode));
  }

  entries(): Promise<Dirent[]> {
    return this.#real.entries();
  }

  eachEntry(): AsyncIterable<Dirent> {
    return this.#real.eachEntry();
  }

  entriesAsBytes(): Promise<Buffer[]> {
    return this.#real.entriesAsBytes();
  }

  async sync(): Promise<void> {
    await this.#disk.beforeDirectorySync?.(this.path);
    await this.#real.sync();
    this.#disk.directorySynced(this.path);
    this.#disk.step();
  }

  close(): void {
    this.#real.close();
  }

  async #changed(call: Promise<void>): Promise<void> {
    await call;
    this.#disk.step();
  }
}

class SimulatedFile implements OpenFile {
  readonly #real: OpenFile;
  readonly #disk: SimulatedDisk;

  constructor(real: OpenFile, disk: SimulatedDisk) {
    this.#real = real;
    this.#disk = disk;
  }

  get pathWhileOpen(): string | undefined {
    return this.#real.pathWhileOpen;
  }

  read(into: Uint8Array, position: number): Promise<number> {
    return this.#real.read(into, position);
  }

  async append(chunks: readonly Uint8Array[], position?: number): Promise<void> {
    await this.#real.append(chunks, position);
    this.#disk.step();
  }

  stat(): Promise<BigIntStats> {
    return this.#real.stat();
  }

  stamp(mode: number, modified: number): BigIntStats {
    return this.#real.stamp(mode, modified);
  }

  async sync(): Promise<void> {
    await this.#real.sync();
    if (this.pathWhileOpen) this.#disk.fileSynced(this.pathWhileOpen);
    this.#disk.step();
  }

  close(): Promise<void> {
    return this.#real.close();
  }
}

/** A number alone is given to another file soon after. */
function inodeOf({ ino, birthtimeNs }: BigIntStats): string {
  return `${ino}:${birthtimeNs}`;
}

/** Names that another call takes away meanwhile are not there. */
function entriesOf(path: string): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const name of fs.readdirSync(path)) {
    const stats = fs.lstatSync(join(path, name), { bigint: true, throwIfNoEntry: false });
    if (stats) entries.set(name, { inode: inodeOf(stats), folder: stats.isDirectory() });
  }
  return entries;
}

/** An empty folder beside another. */
export function folderBeside(path: string): string {
  return fs.mkdtempSync(join(dirname(path), 'fieldfile-fs-after-'));
}
