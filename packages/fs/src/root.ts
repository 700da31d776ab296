import { basename, dirname } from 'node:path';
import type { ObjectName } from '@fieldfile/storage/backend';
import type { Directory, Disk, OpenFile } from './directory.ts';
import { isDiskError } from './disk-error.ts';
import type { Durability } from './options.ts';
import { INTERNAL, RootMarker } from './root-marker.ts';
import { SharedSyncs } from './shared-syncs.ts';

const INTERNAL_MODE = 0o700;

/** For how long new writes join a handle: the root may be moved away and made anew while there are always some. */
const LEASE_MS = 1000;

/** How often the internal folder may be removed before its marker is in it. */
const IDENTIFY_TRIES = 1000;

/** What a folder answers that has something in it, is a mount point, or is not ours to remove. */
const NOT_REMOVABLE = ['ENOTEMPTY', 'EEXIST', 'EBUSY', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS'] as const;

/** A share in an open directory. */
export interface Lease {
  readonly directory: Directory;
  release(): void;
  /** The directory was removed: nobody is to join it any more. */
  forget(): void;
}

interface SharedDirectory {
  readonly directory: Promise<Directory>;
  readonly since: number;
  users: number;
}

export interface RootOptions {
  readonly path: string;
  /** The same folder, through no link. */
  readonly realPath: string;
  readonly disk: Disk;
  readonly durability: Durability;
  /** Undefined: as the umask has it. */
  readonly directoryMode: number | undefined;
  /** False: a root without a marker is never used. */
  readonly createRoot: boolean;
}

/** The tree of folders: finds them, makes them, and makes what changed in them durable. */
export class Root {
  readonly path: string;
  readonly durable: boolean;
  readonly #realPath: string;
  readonly #disk: Disk;
  readonly #directoryMode: number | undefined;
  readonly #marker: RootMarker;
  readonly #syncs = new SharedSyncs();
  #internal: SharedDirectory | undefined;
  /** Directories that exist and whose name in their parent is not durable yet, each with a mark of who made it last. */
  readonly #fresh = new Map<string, object>();

  constructor({ path, realPath, disk, durability, directoryMode, createRoot }: RootOptions) {
    this.path = path;
    this.#realPath = realPath === '/' ? '' : realPath;
    this.durable = durability === 'full';
    this.#disk = disk;
    this.#directoryMode = directoryMode;
    this.#marker = new RootMarker({ path, mayMake: createRoot, durable: this.durable });
  }

  /** Where nothing was found: looks whether this is the root at all. @throws `ROOT_VANISHED`. */
  async check(): Promise<void> {
    await this.#marker.check(this.#disk(this.path));
  }

  /** Opens a file at once; undefined where it takes its {@link folder}, also to know why. Close it. */
  fileAtOnce(name: ObjectName, flags: number): Promise<OpenFile | undefined> | undefined {
    return this.#disk(this.path).openBelow?.(name, flags, this.#realPath);
  }

  /** Opens a folder; `ENOENT` when it, or one on the way, is not there. Close it. */
  async folder(segments: readonly string[]): Promise<Directory> {
    const atOnce = await this.#folderAtOnce(segments);
    if (atOnce) return atOnce;
    let directory = this.#disk(this.path);
    for (const segment of segments) {
      const parent = directory;
      try {
        directory = await parent.child(segment);
      } finally {
        parent.close();
      }
    }
    return directory;
  }

  /** The same; undefined when there is none. */
  async folderIfAny(segments: readonly string[]): Promise<Directory | undefined> {
    try {
      return await this.folder(segments);
    } catch (error) {
      if (isDiskError(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw error;
    }
  }

  /**
   * Opens a folder, making what is missing on the way, the root included. Close it.
   *
   * @param durable whether its name survives a power cut, if that was asked for.
   */
  async makeFolder(segments: readonly string[], durable = true): Promise<Directory> {
    const atOnce = await this.#folderAtOnce(segments);
    // Asked afterwards: somebody may have made it while it was being opened.
    if (atOnce && !(durable && this.#hasFresh(segments))) return atOnce;
    atOnce?.close();
    let directory = this.#disk(this.path);
    let isNew = false;
    for (const segment of segments) {
      const parent = directory;
      try {
        const made = await this.#makeChild(parent, segment, this.#directoryMode, { durable, isNew });
        directory = made.child;
        isNew = made.created;
      } finally {
        parent.close();
      }
    }
    return directory;
  }

  /** Undefined where it takes one step after the other, also to know why. A single one is no more than that. */
  #folderAtOnce(segments: readonly string[]): Promise<Directory | undefined> | undefined {
    if (segments.length < 2) return undefined;
    return this.#disk(this.path).childBelow?.(segments.join('/'), this.#realPath);
  }

  /** Whether the name of one of these folders is not durable yet. */
  #hasFresh(segments: readonly string[]): boolean {
    if (this.#fresh.size === 0) return false;
    let { path } = this;
    return segments.some(segment => {
      path = `${path}/${segment}`;
      return this.#fresh.has(path);
    });
  }

  /** The internal folder of the root, made when missing; calls that overlap share one handle. Release it. */
  internal(): Promise<Lease> {
    let shared = this.#internal;
    if (!shared || performance.now() - shared.since > LEASE_MS) {
      shared = { directory: this.#identified(), users: 0, since: performance.now() };
      this.#internal = shared;
    }
    return this.#join(shared);
  }

  /** The same, where some other call has it open already. */
  internalIfOpen(): Promise<Lease> | undefined {
    return this.#internal && this.#join(this.#internal);
  }

  async #identified(): Promise<Directory> {
    for (let tries = 1; ; tries++) {
      const internal = await this.makeInternal([]);
      try {
        await this.#marker.identify(this.#disk(this.path), internal);
        return internal;
      } catch (error) {
        internal.close();
        // A cleaner took the folder while there was nothing in it.
        if (!isDiskError(error, 'ENOENT') || tries === IDENTIFY_TRIES) throw error;
      }
    }
  }

  async #join(shared: SharedDirectory): Promise<Lease> {
    shared.users += 1;
    const forget = (): void => {
      if (this.#internal === shared) this.#internal = undefined;
    };
    try {
      const directory = await shared.directory;
      const release = (): void => {
        shared.users -= 1;
        if (shared.users > 0) return;
        forget();
        directory.close();
      };
      return { directory, release, forget };
    } catch (error) {
      forget();
      throw error;
    }
  }

  /** An internal folder beside an object on a disk mounted below the root; made when missing. Close it. */
  async makeInternal(segments: readonly string[]): Promise<Directory> {
    const parent = await this.makeFolder(segments);
    try {
      return (await this.#makeChild(parent, INTERNAL, INTERNAL_MODE)).child;
    } finally {
      parent.close();
    }
  }

  /**
   * Removes the folders of an object that have nothing in them, from the innermost on. Whoever writes there meanwhile
   * makes them anew.
   */
  async removeEmptied(folders: readonly string[]): Promise<void> {
    for (let depth = folders.length; depth > 0; depth--) {
      const parent = await this.folderIfAny(folders.slice(0, depth - 1));
      if (!parent) continue;
      try {
        await parent.removeDirectory(folders[depth - 1] as string);
        await this.sync(parent);
      } catch (error) {
        if (isDiskError(error, 'ENOENT')) continue;
        if (isDiskError(error, ...NOT_REMOVABLE)) return;
        throw error;
      } finally {
        parent.close();
      }
    }
  }

  /** Makes names that were added to or taken from a directory durable, if that was asked for. */
  async sync(directory: Directory): Promise<void> {
    if (this.durable) await this.#syncs.sync(directory.path, () => directory.sync());
  }

  /** @param how `isNew`: the parent was made just now, so that nothing is in it yet. */
  async #makeChild(
    parent: Directory,
    name: string,
    mode: number | undefined,
    { durable = true, isNew = false }: { readonly durable?: boolean; readonly isNew?: boolean } = {},
  ): Promise<{ readonly child: Directory; readonly created: boolean }> {
    const path = `${parent.path}/${name}`;
    let child = isNew ? undefined : await childIfAny(parent, name);
    let created = false;
    if (!child) {
      if (name === INTERNAL && parent.path === this.path) await this.#marker.requireMayMake(parent);
      this.#fresh.set(path, {});
      created = await this.#makeDirectory(parent, name, mode);
      child = await parent.child(name);
    }
    try {
      if (created && mode !== undefined) await child.changeMode(mode); // the umask took something, perhaps
      const mark = this.#fresh.get(path);
      if (durable && mark) {
        await this.sync(parent);
        // Removed and made again meanwhile, it may have come too late for that.
        if (this.#fresh.get(path) === mark) this.#fresh.delete(path);
      }
      return { child, created };
    } catch (error) {
      child.close();
      throw error;
    }
  }

  /** @returns false when another writer was faster. */
  async #makeDirectory(parent: Directory, name: string, mode = 0o777): Promise<boolean> {
    try {
      await parent.makeDirectory(name, mode);
      return true;
    } catch (error) {
      if (isDiskError(error, 'EEXIST')) return false;
      if (!isDiskError(error, 'ENOENT') || parent.path !== this.path) throw error;
    }
    (await this.#makeRoot(this.path)).close();
    return this.#makeDirectory(parent, name, mode);
  }

  /** The root and what is missing above it. Its path is the caller's own: links on it are followed. */
  async #makeRoot(path: string): Promise<Directory> {
    await this.#marker.requireMayMake(this.#disk(this.path));
    const parent = this.#disk(dirname(path));
    try {
      const make = () => this.#makeChild(parent, basename(path), this.#directoryMode);
      const { child } = await make().catch(async error => {
        if (!isDiskError(error, 'ENOENT') || parent.path === path) throw error;
        (await this.#makeRoot(parent.path)).close();
        return make();
      });
      return child;
    } finally {
      parent.close();
    }
  }
}

async function childIfAny(parent: Directory, name: string): Promise<Directory | undefined> {
  try {
    return await parent.child(name);
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The folders of a name, and its name in the last of them. */
export function splitName(name: ObjectName): { readonly folders: readonly string[]; readonly last: string } {
  const folders = name.split('/');
  const last = folders.pop() as string;
  return { folders, last };
}
