import type { ObjectName } from '../names/object-name.ts';
import { compareUtf8, sortUtf8 } from '../names/utf8-order.ts';
import { throwIfAborted } from '../storage/abort.ts';
import type { ListedObject, ListOptions, ListPage } from '../storage/backend.ts';
import { closeIfDropped } from '../storage/close-if-dropped.ts';

/** How many files are asked for their details at a time. */
const DETAILS_AT_ONCE = 32;

/** How many folders of a listing are open at a time, from the innermost outwards. The others are opened when needed. */
const OPEN_FOLDERS = 8;

/** A folder that was opened. */
export interface TreeFolder {
  /** What is in it, in any order: files by their names, folders with a `/` behind. Neither links nor devices. */
  names(): Promise<readonly string[]>;
  /** The same, few at a time, for who looks for the first file only. Default: `names`. */
  eachName?(): AsyncIterable<string>;
  /** A folder in it; undefined when it is gone, or is none. Default: {@link Tree.folder}. */
  child?(name: string): Promise<TreeFolder | undefined>;
  /** What is known of a file in it, which is called `whole` from the root on; undefined when it is gone. */
  details(name: string, whole: ObjectName): Promise<ListedObject | undefined>;
  close?(): void;
}

/** Files in folders, for {@link listTree}. */
export interface Tree {
  /** What is listed, for a warning. */
  readonly what: string;
  /** Names have no more segments than this; deeper folders are passed by. */
  readonly maxSegments: number;
  /** Whether files and folders of this name are the storage's own. */
  isHidden(segment: string): boolean;
  /** A folder by its names from the root on; undefined when it is gone, or is none. */
  folder(segments: readonly string[]): Promise<TreeFolder | undefined>;
}

/** A folder being listed. Its names are sorted; a folder's ends in `/`, which is where its names sort. */
interface Level {
  readonly prefix: string;
  readonly names: readonly string[];
  next: number;
  /** Undefined while it is closed. */
  folder: TreeFolder | undefined;
  /** The folder at `next`, being read while the one before it is handed out. */
  ahead: Promise<Level | undefined> | undefined;
}

/**
 * Pages through a tree of files in UTF-8 order of whole names, for backends that keep objects as files. A folder is read
 * when its turn comes, so that memory is that of the largest one. What no object can be called is passed by.
 */
export function listTree(tree: Tree, options: ListOptions): AsyncGenerator<ListPage, void, undefined> {
  const walk = new Walk(tree, options);
  const pages = pagesOf(walk, options);
  // Who takes a page by `next()` and forgets the rest calls no `return`.
  closeIfDropped(pages, {
    what: `A listing of ${tree.what}`,
    isOpen: () => !walk.done,
    close: () => walk.close(),
  });
  return pages;
}

async function* pagesOf(
  walk: Walk,
  { pageSize, signal }: ListOptions,
): AsyncGenerator<ListPage, void, undefined> {
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
  readonly #tree: Tree;
  readonly #options: ListOptions;
  readonly #after: string;
  readonly #levels: Level[] = [];
  /** Not for the first page: whoever wants no other shall not wait for a folder that is not in it. */
  #readsAhead = false;

  constructor(tree: Tree, options: ListOptions) {
    this.#tree = tree;
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
    if (!segments.every(segment => this.#isListed(segment)) || segments.length >= this.#tree.maxSegments)
      return;
    const level = await this.#read(prefix.slice(0, slash), await this.#tree.folder(segments));
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
    for (const { ahead, folder } of this.#levels.splice(0)) {
      (await ahead?.catch(() => undefined))?.folder?.close?.();
      folder?.close?.();
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
      closed?.folder?.close?.();
      if (closed) closed.folder = undefined;
    }
  }

  async #child(level: Level): Promise<Level | undefined> {
    const prefix = level.prefix + (level.names[level.next] as string);
    const segments = segmentsOf(prefix);
    if (segments.length >= this.#tree.maxSegments) return undefined;
    const parent = await this.#opened(level);
    const name = segments.at(-1) as string;
    return this.#read(prefix, await (parent?.child ? parent.child(name) : this.#tree.folder(segments)));
  }

  async #opened(level: Level): Promise<TreeFolder | undefined> {
    level.folder ??= await this.#tree.folder(segmentsOf(level.prefix));
    return level.folder;
  }

  async #read(prefix: string, folder: TreeFolder | undefined): Promise<Level | undefined> {
    if (!folder) return undefined;
    try {
      const names = (await folder.names()).filter(name => this.#isListed(withoutSlash(name)));
      return { prefix, names: sortUtf8(this.#wanted(names, prefix)), next: 0, folder, ahead: undefined };
    } catch (error) {
      folder.close?.();
      throw error;
    }
  }

  #leave(): void {
    this.#levels.pop()?.folder?.close?.();
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

  /**
   * Whether a folder has a file, at any depth: without one it is no prefix of any name. Each folder is opened from the root
   * on, so that few are open however deep they are.
   */
  async #holdsFile(segments: readonly string[]): Promise<boolean> {
    if (segments.length >= this.#tree.maxSegments) return false;
    const folders: string[] = [];
    const folder = await this.#tree.folder(segments);
    if (!folder) return false;
    try {
      for await (const name of folder.eachName?.() ?? (await folder.names())) {
        if (!this.#isListed(withoutSlash(name))) continue;
        if (!name.endsWith('/')) return true;
        folders.push(withoutSlash(name));
      }
    } finally {
      folder.close?.();
    }
    for (const name of folders) if (await this.#holdsFile([...segments, name])) return true;
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
    const folder = await this.#opened(level);
    if (!folder) return [];
    const details = names.map(name => folder.details(name, (level.prefix + name) as ObjectName));
    return (await Promise.all(details)).filter(object => object !== undefined);
  }

  /** False for what no name has as a segment. */
  #isListed(segment: string): boolean {
    return !NO_SEGMENT.test(segment) && !this.#tree.isHidden(segment);
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no name has
const NO_SEGMENT = /^\.{0,2}$|[\u0000-\u001f\u007f]/;

const withoutSlash = (name: string): string => (name.endsWith('/') ? name.slice(0, -1) : name);

/** The folders of a prefix that ends in a slash, or is empty. */
const segmentsOf = (prefix: string): readonly string[] => prefix.split('/').slice(0, -1);
