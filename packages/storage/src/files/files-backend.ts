import { contentTypeOf } from '../content/content-type.ts';
import { runningDigest } from '../content/digest.ts';
import type { Source } from '../content/source.ts';
import type { ErrorCode, FieldFileError } from '../errors/field-file-error.ts';
import { serviceFailure } from '../errors/service-failure.ts';
import { firstFree } from '../names/first-free.ts';
import { isMistakenFor } from '../names/mistaken-for.ts';
import type { ObjectName } from '../names/object-name.ts';
import { throwIfAborted } from '../storage/abort.ts';
import type {
  Backend,
  BackendLimits,
  CallOptions,
  Candidates,
  ListOptions,
  ListPage,
  ObjectInfo,
  ObjectVersion,
  ReadOptions,
  ReadResult,
  ReplaceOptions,
  UndoOptions,
  UndoResult,
  WriteId,
  WriteOptions,
} from '../storage/backend.ts';
import type { Place } from '../storage/places.ts';
import { byTimer } from '../storage/retries.ts';
import type { FileServer, FoundFile } from './file-server.ts';
import { listTree } from './list-tree.ts';

/** The storage's own folder: what is being written, and until it is settled a second name of it, the receipt. */
const INTERNAL = '.fieldfile';
const INTERNAL_MODE = 0o700;
const MAX_SEGMENTS = 128;

/** How often a folder or a file may come or go between two requests that belong together. */
const ATTEMPTS = 100;

const CLAIM_POLL_MS = 20;

/** What is said of a {@link FilesBackend}. */
export interface FilesBackendOptions {
  readonly id: string;
  readonly place: Place;
  /** The folder of the objects, without a `/` at its end: `''` is the topmost. It must be there. */
  readonly root: string;
  /** For how long one who wants a version waits for another who has it. */
  readonly claimTimeoutSeconds: number;
}

/**
 * Objects as files in a folder of a {@link FileServer}. A save writes aside, then gives the file its name by a link, which
 * is refused when the name is occupied. A replace writes aside, then renames over the old file. The name aside stays until
 * `settle`: that both are one file proves who made the object.
 *
 * It throws the server's errors, too: see {@link answering}.
 */
export class FilesBackend implements Backend {
  readonly id: string;
  readonly place: Place;
  readonly limits: BackendLimits;
  readonly listOrder = 'utf-8';
  readonly #server: FileServer;
  readonly #root: string;
  readonly #internal: string;
  readonly #claimTimeoutMs: number;
  /** From then on a root without the internal folder is another one. */
  #wasThere = false;

  constructor(server: FileServer, { id, place, root, claimTimeoutSeconds }: FilesBackendOptions) {
    this.id = id;
    this.place = place;
    this.limits = {
      maxNameBytes: Math.max(1024, 4000 - new TextEncoder().encode(root).byteLength),
      maxSegmentBytes: 255,
      maxSegments: MAX_SEGMENTS,
      maxObjectBytes: Number.MAX_SAFE_INTEGER,
      maxStreamBytes: Number.MAX_SAFE_INTEGER,
      reservedSegments: [INTERNAL],
    };
    this.#server = server;
    this.#root = root;
    this.#internal = `${root}/${INTERNAL}`;
    this.#claimTimeoutMs = claimTimeoutSeconds * 1000;
  }

  /** @throws `invalid-argument` when the server calls the root otherwise: then it would be two places. */
  async locate(): Promise<Place> {
    const root = this.#root || '/';
    const real = await this.#server.realPath(root);
    if (real === root) return this.place;
    throw this.#failure('invalid-argument', `its root "${root}" is "${real}": give that`, 'construct');
  }

  create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    return this.#write('create', names.first, source, options, receipt => {
      const take = async (name: ObjectName): Promise<ObjectName | undefined> =>
        (await this.#giveName(receipt, name)) ? name : undefined;
      return firstFree(names, take, options.signal);
    });
  }

  replace(name: ObjectName, source: Source, options: ReplaceOptions): Promise<ObjectInfo> {
    return this.#write('replace', name, source, options, async receipt => {
      await this.#server.link(receipt, `${receipt}.new`);
      await this.#ifMatch('replace', name, options, () => this.#takeName(receipt, name));
      return name;
    });
  }

  async undo(
    name: ObjectName,
    writeId: WriteId,
    { keepObject = false }: UndoOptions = {},
  ): Promise<UndoResult> {
    const [path, receipt] = [this.#path(name), this.#receipt(writeId)];
    const written = await this.#server.look(receipt);
    if (written && !keepObject) await this.#removeOwn(written, path, `${receipt}.gone`);
    await this.#forget(receipt);
    if (await this.#server.look(path)) return 'foreign';
    if (!written) await this.#checkRoot('undo');
    return written ? 'removed' : 'absent';
  }

  async findWrite(name: ObjectName, writeId: WriteId): Promise<ObjectInfo | undefined> {
    const written = await this.#server.look(this.#receipt(writeId));
    const found = await this.#server.look(this.#path(name));
    if (!written || !found) await this.#checkRoot('findWrite');
    return found && isSameFile(written, found) ? objectInfo(name, found) : undefined;
  }

  async settle(_name: ObjectName, writeId: WriteId): Promise<void> {
    await this.#server.remove(this.#receipt(writeId));
  }

  async read(name: ObjectName, options: ReadOptions = {}): Promise<ReadResult> {
    const path = this.#path(name);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const found = await this.#server.look(path);
      if (!found) await this.#checkRoot('read');
      if (found?.kind !== 'file') throw this.#failure('not-found', 'it does not exist', 'read', name);
      if (options.ifMatch !== undefined && found.version !== options.ifMatch)
        throw this.#otherVersion('read', name);
      const result = await this.#server.read(path, name, found, options);
      if (result) return result;
    }
    throw this.#failure('conflict', 'it is replaced all the time', 'read', name);
  }

  async info(name: ObjectName): Promise<ObjectInfo | undefined> {
    const found = await this.#server.look(this.#path(name));
    if (!found) await this.#checkRoot('info');
    return found?.kind === 'file' ? objectInfo(name, found) : undefined;
  }

  /** Folders that it leaves empty stay. */
  async remove(
    name: ObjectName,
    options: CallOptions & { readonly ifMatch?: ObjectVersion } = {},
  ): Promise<boolean> {
    const path = this.#path(name);
    const found = await this.#server.look(path);
    if (!found) await this.#checkRoot('remove');
    if (found?.kind !== 'file') return false;
    return this.#ifMatch('remove', name, options, () => this.#server.remove(path));
  }

  async *list(options: ListOptions): AsyncGenerator<ListPage, void, undefined> {
    await this.#checkRoot('list');
    const tree = {
      what: JSON.stringify(this.id),
      maxSegments: MAX_SEGMENTS,
      isHidden: isInternal,
      folder: (segments: readonly string[]) => this.#server.folder([this.#root, ...segments].join('/')),
    };
    yield* listTree(tree, options);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** Writes the whole object aside, then has it published. */
  async #write(
    operation: string,
    first: ObjectName,
    source: Source,
    options: WriteOptions,
    publish: (receipt: string) => Promise<ObjectName>,
  ): Promise<ObjectInfo> {
    throwIfAborted(options.signal, operation);
    this.#path(first);
    const receipt = this.#receipt(options.writeId);
    await this.#makeInternal(operation);
    try {
      const written = await this.#server.write(receipt, source, options);
      throwIfAborted(options.signal, operation);
      return objectInfo(await publish(receipt), written);
    } catch (error) {
      // What was asked for last may be done all the same. Then the receipt stays, which tells.
      if (!this.#server.mayBeDone(error)) await this.#forget(receipt).catch(() => {});
      throw error;
    }
  }

  /** Makes what was written visible under a free name. @returns false when it is occupied. */
  async #giveName(receipt: string, name: ObjectName): Promise<boolean> {
    const path = this.#path(name);
    for (let attempt = 1; ; attempt++) {
      const given = await this.#server.link(receipt, path);
      if (given !== 'no-folder') return given === 'done';
      await this.#makeWay('create', receipt, name, attempt);
    }
  }

  /** Makes what was written visible instead of whatever has the name. */
  async #takeName(receipt: string, name: ObjectName): Promise<void> {
    const path = this.#path(name);
    for (let attempt = 1; ; attempt++) {
      const taken = await this.#server.rename(`${receipt}.new`, path);
      if (taken === 'is-folder') throw this.#failure('exists', 'it is a folder', 'replace', name);
      if (taken === 'done') return;
      await this.#makeWay('replace', receipt, name, attempt);
    }
  }

  /** Makes the folders of a name. Somebody may remove empty ones all the time. */
  async #makeWay(operation: string, receipt: string, name: ObjectName, attempt: number): Promise<void> {
    if (attempt > ATTEMPTS || !(await this.#server.look(receipt)))
      throw this.#failure('conflict', 'the write was undone while it was under way', operation, name);
    let path = this.#root;
    for (const segment of name.split('/').slice(0, -1)) {
      path = `${path}/${segment}`;
      if (!(await this.#server.look(path))) await this.#server.makeFolder(path);
      const made = await this.#server.look(path);
      if (made && made.kind !== 'folder')
        throw this.#failure('exists', 'a part of its path is an object', operation, name);
    }
  }

  /**
   * Acts if the object is that version. Files have no conditions, but a name is given once: of several who want one version
   * gone, one at a time has the file that is called after it.
   */
  async #ifMatch<T>(
    operation: string,
    name: ObjectName,
    { ifMatch, signal }: CallOptions & { readonly ifMatch?: ObjectVersion },
    act: () => Promise<T>,
  ): Promise<T> {
    if (ifMatch === undefined) return act();
    await this.#makeInternal(operation);
    const claim = `${this.#internal}/${claimName(name, ifMatch)}`;
    const until = performance.now() + this.#claimTimeoutMs;
    while (!(await this.#server.claim(claim))) {
      if (performance.now() > until)
        throw this.#failure('conflict', `another has ${claim}, or died and left it`, operation, name);
      await byTimer(CLAIM_POLL_MS, signal, operation);
    }
    try {
      const found = await this.#server.look(this.#path(name));
      if (found?.version !== ifMatch) throw this.#otherVersion(operation, name);
      return await act();
    } finally {
      await this.#server.remove(claim).catch(() => {}); // it is in the way of nobody but who wants this version
    }
  }

  /** Looks at the file again where nobody else comes: at its name another may be by now, and goes back there. */
  async #removeOwn(written: FoundFile, path: string, aside: string): Promise<void> {
    if (isSameFile(written, await this.#server.look(path))) await this.#server.rename(path, aside);
    const taken = await this.#server.look(aside); // maybe by an undo that was cut off
    if (!taken) return;
    if (isSameFile(written, taken) || (await this.#server.link(aside, path)) === 'done')
      await this.#server.remove(aside);
  }

  /** The receipt goes last, so that it can be done again. */
  async #forget(receipt: string): Promise<void> {
    await this.#server.remove(`${receipt}.new`);
    await this.#server.remove(receipt);
  }

  async #makeInternal(operation: string): Promise<void> {
    if (await this.#checkRoot(operation)) return;
    await this.#server.makeFolder(this.#internal, INTERNAL_MODE);
    this.#wasThere = true;
  }

  /** Where nothing was found: whether this is the root at all. @returns whether the internal folder is there. */
  async #checkRoot(operation: string): Promise<boolean> {
    const wasThere = this.#wasThere; // not what another call makes while this one looks
    const internal = await this.#server.look(this.#internal);
    const root = internal ?? (await this.#server.look(this.#root || '/'));
    if (root?.kind !== 'folder' || (wasThere && !internal))
      throw this.#failure(
        'backend',
        `the root ${this.#root || '/'} is not there: make or mount it`,
        operation,
      );
    this.#wasThere ||= internal !== undefined;
    return internal !== undefined;
  }

  /** `limits` reserves the first segment only, but a listing passes by such a folder at any depth. */
  #path(name: ObjectName): string {
    if (!name.split('/').some(isInternal)) return `${this.#root}/${name}`;
    throw this.#failure('suspicious-name', `"${INTERNAL}" is kept for the storage itself`, 'check', name);
  }

  #receipt(writeId: WriteId): string {
    if (/^[\w-]{1,128}$/.test(writeId)) return `${this.#internal}/${writeId}`;
    const what = 'a write id must be 1 to 128 letters, digits, "_" and "-"';
    throw this.#failure('invalid-argument', what, 'check');
  }

  #otherVersion(operation: string, name: ObjectName): FieldFileError {
    const what = 'it is no longer the version that was asked for: ask for its info again';
    return this.#failure('precondition', what, operation, name);
  }

  #failure(code: ErrorCode, what: string, operation: string, name?: ObjectName): FieldFileError {
    return serviceFailure({ code, what }, { operation, storage: this.id, name }, undefined);
  }
}

/** Of letters that every file system has, and as long as every one allows. */
function claimName(name: ObjectName, version: ObjectVersion): string {
  const digest = runningDigest('sha256');
  digest.update(new TextEncoder().encode(`${name}\n${version}`));
  return `${digest.base64().replaceAll('/', '_').replaceAll('+', '-').replaceAll('=', '')}.claim`;
}

const isInternal = (segment: string): boolean => isMistakenFor(segment, INTERNAL);

const isSameFile = (one: FoundFile | undefined, other: FoundFile | undefined): boolean =>
  one?.isProof === true && one.version === other?.version;

/** What an object is whose file was found. */
export function objectInfo(name: ObjectName, { sizeBytes, version, lastModified }: FoundFile): ObjectInfo {
  const contentType = contentTypeOf(name);
  const type = contentType === undefined ? {} : { contentType };
  return { name, sizeBytes, version, lastModified, ...type, metadata: {} };
}
