import type { Dirent } from 'node:fs';
import type { ListedObject } from '@fieldfile/storage';
import {
  isMistakenFor,
  type ListOptions,
  type ListPage,
  listTree,
  type ObjectName,
  type TreeFolder,
} from '@fieldfile/storage/backend';
import type { Directory } from './directory.ts';
import { isDiskError } from './disk-error.ts';
import { objectInfo } from './object-info.ts';
import { heldNames } from './parts-folder.ts';
import type { Root } from './root.ts';
import { INTERNAL } from './root-marker.ts';

/** What a folder that was removed, or was never one, answers. */
const GONE = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'] as const;

/** ASCII that does not begin as the internal folder does, and is no short name of Windows: nearly every segment. */
const PLAIN_SEGMENT = /^[ -\-/-}][ -}]*$/;

/** Only regular files are objects: links, devices, and what no name can be are passed by. */
export function listObjects(
  root: Root,
  options: ListOptions,
  maxSegments: number,
): AsyncGenerator<ListPage, void, undefined> {
  const tree = {
    what: JSON.stringify(root.path),
    maxSegments,
    isHidden: (segment: string) => !PLAIN_SEGMENT.test(segment) && isMistakenFor(segment, INTERNAL),
    folder: (segments: readonly string[]) => opened(() => root.folder(segments)),
  };
  return withoutHeld(root, listTree(tree, options));
}

/** A name that is held for a write has no object. Looked at page by page: writes begin and end meanwhile. */
async function* withoutHeld(
  root: Root,
  pages: AsyncGenerator<ListPage, void, undefined>,
): AsyncGenerator<ListPage, void, undefined> {
  for await (const page of pages) {
    const held = await heldNames(root);
    yield held.size === 0 ? page : { ...page, objects: page.objects.filter(({ name }) => !held.has(name)) };
  }
}

async function opened(open: () => Promise<Directory>): Promise<TreeFolder | undefined> {
  const directory = await unlessGone(open);
  return directory && new OpenFolder(directory);
}

async function unlessGone<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (isDiskError(error, ...GONE)) return undefined;
    throw error;
  }
}

class OpenFolder implements TreeFolder {
  readonly #directory: Directory;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  async names(): Promise<readonly string[]> {
    const entries = (await unlessGone(() => this.#directory.entries())) ?? [];
    const names: string[] = [];
    let suspect = false;
    for (const entry of entries) {
      const name = nameOf(entry);
      if (name === undefined) continue;
      names.push(name);
      suspect ||= name.includes('\ufffd');
    }
    return suspect ? onlyUtf8(this.#directory, names) : names;
  }

  async *eachName(): AsyncGenerator<string, void, undefined> {
    try {
      for await (const entry of this.#directory.eachEntry()) {
        const name = nameOf(entry);
        if (name !== undefined) yield name;
      }
    } catch (error) {
      if (!isDiskError(error, ...GONE)) throw error;
    }
  }

  child(name: string): Promise<TreeFolder | undefined> {
    return opened(() => this.#directory.child(name));
  }

  /** None when it was removed since the folder was read. */
  async details(name: string, whole: ObjectName): Promise<ListedObject | undefined> {
    const stats = await unlessGone(() => this.#directory.stat(name));
    if (!stats?.isFile()) return undefined;
    const { sizeBytes, lastModified, version } = objectInfo(whole, stats);
    return { name: whole, sizeBytes, lastModified, version };
  }

  close(): void {
    this.#directory.close();
  }
}

function nameOf(entry: Dirent): string | undefined {
  if (entry.isFile()) return entry.name;
  return entry.isDirectory() ? `${entry.name}/` : undefined;
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
