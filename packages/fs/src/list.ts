import type { BigIntStats } from 'node:fs';
import type { ListedObject } from '@fieldfile/storage';
import {
  closeIfDropped,
  compareUtf8,
  isMistakenFor,
  type ListOptions,
  type ListPage,
  type ObjectName,
  sortUtf8,
  throwIfAborted,
} from '@fieldfile/storage/backend';
import type { Directory } from './directory.ts';
import { isDiskError } from './disk-error.ts';
import { objectInfo } from './object-info.ts';
import type { Root } from './root.ts';
import { INTERNAL } from './root-marker.ts';

/** How many objects are asked for their details at a time. */
const DETAILS_AT_ONCE = 32;

/** How many folders of a listing are open at a time, from the innermost outwards. The others are opened when needed. */
const OPEN_FOLDERS = 8;

/** What a folder that was removed, or was never one, answers. */
const GONE = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'] as const;

/** A folder being listed. Its names are sorted; a folder's ends in `/`, which is where its names sort. */
interface Level {
  readonly prefix: string;
  readonly names: readonly string[];
  next: number;
  /** Undefined while it is closed. */
  directory: Directory | undefined;
  /** The folder at `next`, being read while the one before it is handed out. */
  ahead: Promise<Level | undefined> | undefined;
}

/**
 * Pages through the tree in UTF-8 order of whole names, reading a folder when it comes to it.
 *
 * Only regular files are objects: links, devices, and what no name can be are passed by.
 */
export function listObjects(root: Root, options: ListOptions, maxSegments: number): AsyncGenerator<ListPage> {
  const walk = new Walk(root, options, maxSegments);
  const pages = pagesOf(walk, options);
  // Who takes a page by `next()` and forgets the rest calls no `return`.
  closeIfDropped(pages, {
    what: `A listing of ${JSON.stringify(root.path)}`,
    isOpen: () => !walk.done,
    close: () => walk.close(),
  });
  return pages;
}

async function* pagesOf(walk: Walk, { pageSize, signal }: ListOptions): AsyncGenerator<ListPage> {
  try {
    await walk.begin();
    for (;;) {
      throwIfAborted(signal, 'list');
      const page = await walk.page(pageSize);
      if (page.objects.length + page.folders.length > 0) yield page;
      if (walk.done) return;
    }
  } finally {
    await walk.close();
  }
}

class Walk {
  readonly #root: Root;
  readonly #options: ListOptions;
  readonly #after: string;
  /** Segments of a name: one more than the folders that it is in. */
  readonly #maxFolders: number;
  readonly #levels: Level[] = [];
  /** Not for the first page: whoever wants no other shall not wait for a folder that is not in it. */
  #readsAhead = false;

  constructor(root: Root, options: ListOptions, maxSegments: number) {
    this.#root = root;
    this.#maxFolders = maxSegments;
    this.#options = options;
    this.#after = options.after ?? '';
  }

  get done(): boolean {
    return this.#levels.length === 0;
  }

  /** Begins in the deepest folder that the prefix names. */
  async begin(): Promise<void> {
    const { prefix } = this.#options;
    const slash = prefix.lastIndexOf('/') + 1;
    const segments = segmentsOf(prefix.slice(0, slash));
    if (!segments.every(isListed) || segments.length >= this.#maxFolders) return;
    const level = await this.#read(prefix.slice(0, slash), () => this.#root.folder(segments));
    if (level) await this.#push(level);
  }

  async page(pageSize: number): Promise<ListPage> {
    const { delimiter, details, signal } = this.#options;
    const objects: ListedObject[] = [];
    const folders: string[] = [];
    while (objects.length + folders.length < pageSize) {
      const level = this.#levels.at(-1);
      if (!level) break;
      const name = level.names[level.next];
      if (name === undefined) {
        this.#leave();
      } else if (!name.endsWith('/')) {
        if (details) {
          objects.push(...(await this.#details(level, pageSize - objects.length - folders.length)));
        } else {
          level.next += 1;
          objects.push({ name: (level.prefix + name) as ObjectName });
        }
      } else {
        throwIfAborted(signal, 'list');
        if (delimiter) {
          if (await this.#holdsFile(segmentsOf(level.prefix + name))) folders.push(level.prefix + name);
          level.next += 1;
        } else {
          await this.#enter(level);
        }
      }
    }
    this.#readsAhead = true;
    return { objects, folders };
  }

  /** However the listing ends: a consumer that stops has `return` called. */
  async close(): Promise<void> {
    for (const { ahead, directory } of this.#levels.splice(0)) {
      (await ahead?.catch(() => undefined))?.directory?.close();
      directory?.close();
    }
  }

  /** Goes down into the folder at `next`, and has the one after it read meanwhile. */
  async #enter(level: Level): Promise<void> {
    const reading = level.ahead ?? this.#child(level);
    level.ahead = undefined;
    const child = await reading;
    level.next += 1;
    if (child) await this.#push(child);
    if (!this.#readsAhead || !level.names[level.next]?.endsWith('/')) return;
    level.ahead = this.#child(level);
    level.ahead.catch(() => {}); // told when it is entered
  }

  async #push(level: Level): Promise<void> {
    this.#levels.push(level);
    const outer = this.#levels.at(-1 - OPEN_FOLDERS);
    if (!outer) return;
    const ahead = await outer.ahead?.catch(() => undefined);
    for (const closed of [outer, ahead]) {
      closed?.directory?.close();
      if (closed) closed.directory = undefined;
    }
  }

  async #child(level: Level): Promise<Level | undefined> {
    const prefix = level.prefix + (level.names[level.next] as string);
    if (prefix.split('/').length > this.#maxFolders) return undefined;
    return this.#read(prefix, async () => (await this.#opened(level)).child(lastSegment(prefix)));
  }

  async #opened(level: Level): Promise<Directory> {
    level.directory ??= await this.#root.folder(segmentsOf(level.prefix));
    return level.directory;
  }

  /** Reads a folder. One that is gone, or was never one, is undefined. */
  async #read(prefix: string, open: () => Promise<Directory>): Promise<Level | undefined> {
    try {
      const directory = await open();
      try {
        return { prefix, names: await this.#names(directory, prefix), next: 0, directory, ahead: undefined };
      } catch (error) {
        directory.close();
        throw error;
      }
    } catch (error) {
      if (isDiskError(error, ...GONE)) return undefined;
      throw error;
    }
  }

  #leave(): void {
    this.#levels.pop()?.directory?.close();
  }

  async #names(directory: Directory, prefix: string): Promise<readonly string[]> {
    const names: string[] = [];
    let suspect = false;
    for (const entry of await directory.entries()) {
      const { name } = entry;
      if (!isListed(name)) continue;
      if (entry.isFile()) names.push(name);
      else if (entry.isDirectory()) names.push(`${name}/`);
      suspect ||= name.includes('\ufffd');
    }
    const valid = suspect ? await onlyUtf8(directory, names) : names;
    return sortUtf8(this.#wanted(valid, prefix));
  }

  #wanted(names: string[], prefix: string): string[] {
    const after = this.#after;
    const rest = this.#options.prefix.slice(prefix.length);
    const behind = after.startsWith(prefix) ? after.slice(prefix.length) : undefined;
    if (rest === '' && (behind === undefined ? compareUtf8(prefix, after) > 0 : behind === '')) return names;
    const { delimiter } = this.#options;
    return names.filter(name => {
      if (!name.startsWith(rest)) return false;
      const whole = prefix + name;
      // A folder that is before the cursor may hold names behind it.
      return compareUtf8(whole, after) > 0 || (!delimiter && name.endsWith('/') && after.startsWith(whole));
    });
  }

  /** Whether a folder has an object, at any depth: without one it is no prefix of any name. */
  async #holdsFile(segments: readonly string[]): Promise<boolean> {
    try {
      return await this.#hasFile(segments);
    } catch (error) {
      if (isDiskError(error, ...GONE)) return false;
      throw error;
    }
  }

  /** Each folder is opened from the root on, so that few are open however deep they are. */
  async #hasFile(segments: readonly string[]): Promise<boolean> {
    if (segments.length >= this.#maxFolders) return false;
    const folders: string[] = [];
    const directory = await this.#root.folder(segments);
    try {
      for await (const entry of directory.eachEntry()) {
        if (!isListed(entry.name)) continue;
        if (entry.isFile()) return true;
        if (entry.isDirectory()) folders.push(entry.name);
      }
    } finally {
      directory.close();
    }
    for (const folder of folders) if (await this.#holdsFile([...segments, folder])) return true;
    return false;
  }

  /** The files from here on, up to the next folder. */
  async #details(level: Level, atMost: number): Promise<ListedObject[]> {
    const names: string[] = [];
    while (names.length < Math.min(DETAILS_AT_ONCE, atMost)) {
      const name = level.names[level.next];
      if (name === undefined || name.endsWith('/')) break;
      names.push(name);
      level.next += 1;
    }
    let stats: readonly (BigIntStats | undefined)[];
    try {
      const directory = await this.#opened(level);
      stats = await Promise.all(names.map(name => directory.stat(name)));
    } catch (error) {
      if (isDiskError(error, ...GONE)) return [];
      throw error;
    }
    return names.flatMap((name, index) => listed(`${level.prefix}${name}` as ObjectName, stats[index]));
  }
}

/** The folders of a prefix that ends in a slash, or is empty. */
const segmentsOf = (prefix: string): readonly string[] => prefix.split('/').slice(0, -1);

const lastSegment = (prefix: string): string => segmentsOf(prefix).at(-1) as string;

/** None when it was removed since the folder was read. */
function listed(name: ObjectName, stats: BigIntStats | undefined): ListedObject[] {
  if (!stats?.isFile()) return [];
  const { sizeBytes, lastModified, version } = objectInfo(name, stats);
  return [{ name, sizeBytes, lastModified, version }];
}

/** U+FFFD may be what a byte that is no UTF-8 was read as: such a name cannot be a name. */
async function onlyUtf8(directory: Directory, names: readonly string[]): Promise<string[]> {
  const valid = new Set<string>();
  for (const bytes of await directory.entriesAsBytes()) {
    const name = bytes.toString();
    if (Buffer.from(name).equals(bytes)) valid.add(name);
  }
  return names.filter(name => valid.has(name.endsWith('/') ? name.slice(0, -1) : name));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no name has
const NO_SEGMENT = /^\.{0,2}$|[\u0000-\u001f\u007f]/;

/** ASCII that does not begin as the internal folder does, and is no short name of Windows. */
const PLAIN_SEGMENT = /^[ -\-/-}][ -}]*$/;

/** False for what no name has as a segment. */
function isListed(segment: string): boolean {
  if (PLAIN_SEGMENT.test(segment)) return true;
  return !NO_SEGMENT.test(segment) && !isMistakenFor(segment, INTERNAL);
}
