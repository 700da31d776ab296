import type {
  Backend,
  CallOptions,
  ObjectInfo,
  ObjectVersion,
  PublishesUrls,
  SignedUpload,
  SignedUploadOptions,
  SignsUploads,
  SignsUrls,
  Source,
  UrlKind,
  UrlOptions,
  WriteId,
} from '@fieldfile/storage';
import {
  type BackendLimits,
  type BoundByOwnKey,
  type Candidates,
  compareUtf8,
  knownOptions,
  type ListOptions,
  type ListPage,
  newWriteId,
  type ObjectName,
  OWN_URL_OPTIONS,
  OwnUrls,
  type Place,
  type ReadOptions,
  type ReadResult,
  type ReplaceOptions,
  type SignedRequest,
  STORAGE_OPTIONS,
  throwIfAborted,
  type UndoOptions,
  type UndoResult,
  type UrlMethod,
  type WriteOptions,
  type WritePartOptions,
  type WritesParts,
} from '@fieldfile/storage/backend';
import { Blocks } from './blocks.ts';
import { type Call, notFound, otherVersion, overQuota, undoneMeanwhile } from './errors.ts';
import { listSorted } from './list.ts';
import type { MemoryStorageOptions } from './options.ts';
import { MemoryParts, type Reservation } from './parts.ts';
import { openBlocks } from './read.ts';

interface StoredObject {
  readonly info: ObjectInfo;
  readonly blocks: Blocks;
}

/** Whatever other copies of this package, and other processes, call theirs. */
const newId = (): string => `memory:${newWriteId().slice(0, 8)}`;

/**
 * A {@link Backend} over a `Map`.
 *
 * `create` reserves its name before it reads a byte. A reserved name is refused to every other `create`, but until the
 * content is whole it is neither listed nor found by `info` or `read`.
 */
export class MemoryBackend
  implements Backend, PublishesUrls, SignsUrls, SignsUploads<BoundByOwnKey>, WritesParts
{
  readonly id: string;
  readonly place: Place;
  readonly limits: BackendLimits = {
    maxNameBytes: 1024,
    maxObjectBytes: Number.MAX_SAFE_INTEGER,
    maxStreamBytes: Number.MAX_SAFE_INTEGER,
  };
  readonly listOrder = 'utf-8';
  readonly keepsContentEncoding = true;
  readonly cannot: readonly UrlMethod[];
  readonly urls: UrlKind | undefined;
  readonly parts: MemoryParts;
  readonly #urls: OwnUrls;
  readonly #maxBytes: number;
  readonly #clock: () => Date;
  readonly #objects = new Map<ObjectName, StoredObject>();
  readonly #reservations = new Map<ObjectName, Reservation>();
  #usedBytes = 0;
  #versions = 0;
  /** All names in order; undefined since a name came or went. Never changed in place: listings under way hold it. */
  #sortedKeys: readonly ObjectName[] | undefined;

  constructor(options: MemoryStorageOptions = {}) {
    knownOptions(options, [...STORAGE_OPTIONS, ...OWN_URL_OPTIONS, 'maxBytes', 'clock'], {
      what: 'MemoryStorage',
      operation: 'construct',
    });
    const { id, maxBytes, clock } = options;
    this.id = id ?? newId();
    this.place = { id: this.id, space: Symbol(this.id), path: '' };
    this.#maxBytes = maxBytes ?? Number.POSITIVE_INFINITY;
    this.#clock = clock ?? (() => new Date());
    const now = (): number => this.#clock().getTime();
    this.#urls = new OwnUrls(options, { what: 'MemoryStorage', storage: this.id, now });
    this.cannot = this.#urls.cannot;
    this.urls = options.urls;
    this.parts = new MemoryParts({
      reserve: (first, names, reservation, signal) => this.#reserve(first, names, reservation, signal),
      receive: (source, name, options, operation) => this.#receive(source, name, options, operation),
      release: ({ sizeBytes }) => {
        this.#usedBytes -= sizeBytes;
      },
      fill: (name, reservation, blocks, options) => this.#fill(name, reservation, blocks, options),
      made: (name, writeId) => {
        const info = this.#objects.get(name)?.info;
        return info?.writeId === writeId ? info : undefined;
      },
      call: (operation, name) => this.#call(operation, name),
    });
  }

  create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    return this.#createWith(names, options, name => this.#receive(source, name, options, 'create'));
  }

  async replace(name: ObjectName, source: Source, options: ReplaceOptions): Promise<ObjectInfo> {
    this.#checkVersion(name, options.ifMatch, 'replace');
    const blocks = await this.#receive(source, name, options, 'replace');
    try {
      this.#checkVersion(name, options.ifMatch, 'replace');
    } catch (error) {
      this.#usedBytes -= blocks.sizeBytes;
      throw error;
    }
    return this.#put(name, blocks, options);
  }

  async copy(
    from: ObjectName,
    names: Candidates,
    options: WriteOptions & { readonly ifMatch?: ObjectVersion },
  ): Promise<ObjectInfo> {
    const { info, blocks } = this.#get(from, options.ifMatch, 'copy');
    const { contentType, contentEncoding } = info;
    const kept = {
      metadata: info.metadata,
      ...(contentType && { contentType }),
      ...(contentEncoding && { contentEncoding }),
    };
    return this.#createWith(names, { ...kept, ...options }, name => {
      this.#claim(blocks.sizeBytes, this.#call('copy', name));
      return blocks;
    });
  }

  async undo(name: ObjectName, writeId: WriteId, options: UndoOptions = {}): Promise<UndoResult> {
    throwIfAborted(options.signal, 'undo');
    const reserved = this.#reservations.get(name)?.writeId === writeId && this.#reservations.delete(name);
    const hadParts = this.parts.drop(writeId);
    const object = this.#objects.get(name);
    if (!options.keepObject && object?.info.writeId === writeId) {
      this.#drop(name);
      return 'removed';
    }
    if (reserved || hadParts) return 'removed';
    return object ? 'foreign' : 'absent';
  }

  async read(name: ObjectName, options: ReadOptions = {}): Promise<ReadResult> {
    throwIfAborted(options.signal, 'read');
    const { info, blocks } = this.#get(name, options.ifMatch, 'read');
    return openBlocks(info, blocks, options);
  }

  async info(name: ObjectName, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    throwIfAborted(options.signal, 'info');
    return this.#objects.get(name)?.info;
  }

  async remove(
    name: ObjectName,
    options: CallOptions & { readonly ifMatch?: ObjectVersion } = {},
  ): Promise<boolean> {
    throwIfAborted(options.signal, 'remove');
    if (this.#objects.has(name)) this.#checkVersion(name, options.ifMatch, 'remove');
    return this.#drop(name);
  }

  list(options: ListOptions): AsyncIterable<ListPage> {
    this.#sortedKeys ??= [...this.#objects.keys()].sort(compareUtf8);
    return listSorted(this.#sortedKeys, name => this.#objects.get(name)?.info, options);
  }

  /** @throws `unsupported` without `baseUrl`. */
  publicUrl(name: ObjectName): string {
    return this.#urls.publicUrl(name);
  }

  /** @throws `unsupported` without `baseUrl` and `signingKey`. */
  async signUrl(name: ObjectName, options: UrlOptions): Promise<string> {
    return this.#urls.signUrl(name, options);
  }

  /** A `PUT` that creates and never overwrites. @throws `unsupported` without `baseUrl` and `signingKey`. */
  async signUpload(name: ObjectName, options: SignedUploadOptions): Promise<SignedUpload<BoundByOwnKey>> {
    return this.#urls.signUpload(name, options);
  }

  /**
   * What a signed URL allows, for whoever serves it: a test, or a server without a disk. Given only the parameters of the
   * URL, the token alone says which object is meant.
   *
   * @throws `permission` when the URL is not signed, not for this method or base, or has expired.
   */
  verifyToken(address: string | URL | URLSearchParams, method: string): SignedRequest {
    return this.#urls.verifyToken(address, method);
  }

  /** Reserves a name, gets the content, and only then lets it be seen. */
  async #createWith(
    names: Candidates,
    options: WriteOptions,
    content: (name: ObjectName) => Blocks | Promise<Blocks>,
  ): Promise<ObjectInfo> {
    throwIfAborted(options.signal, 'create');
    const reservation: Reservation = { writeId: options.writeId };
    let name = await this.#reserve(names.first, names, reservation, options.signal);
    let blocks: Blocks | undefined;
    try {
      blocks = await content(name);
      this.#checkReserved(name, reservation);
      while (this.#objects.has(name)) {
        // A replace put an object under the reserved name, on purpose: what was received goes elsewhere.
        name = await this.#reserve(name, names, reservation, options.signal);
        this.#checkReserved(name, reservation);
      }
      return this.#put(name, blocks, options);
    } catch (error) {
      this.#usedBytes -= blocks?.sizeBytes ?? 0;
      throw error;
    } finally {
      if (this.#reservations.get(name) === reservation) this.#reservations.delete(name);
    }
  }

  async #reserve(
    first: ObjectName,
    names: Candidates,
    reservation: Reservation,
    signal: AbortSignal | undefined,
  ): Promise<ObjectName> {
    let name = first;
    while (this.#objects.has(name) || this.#reservations.has(name)) {
      if (this.#reservations.get(name) === reservation) this.#reservations.delete(name);
      name = await names.next(name);
      throwIfAborted(signal, 'create');
    }
    this.#reservations.set(name, reservation);
    return name;
  }

  async #receive(
    source: Source,
    name: ObjectName,
    { signal, onProgress }: WritePartOptions,
    operation: Call['operation'],
  ): Promise<Blocks> {
    throwIfAborted(signal, operation);
    const blocks = new Blocks();
    try {
      for await (const chunk of source.open(signal)) {
        this.#claim(chunk.byteLength, this.#call(operation, name));
        blocks.append(chunk);
        onProgress?.({
          sentBytes: blocks.sizeBytes,
          ...(source.sizeBytes !== undefined && { totalBytes: source.sizeBytes }),
        });
      }
      throwIfAborted(signal, operation);
    } catch (error) {
      this.#usedBytes -= blocks.sizeBytes;
      throw error;
    }
    blocks.trim();
    return blocks;
  }

  /** Makes the object that its name was reserved for, if nothing else has the name. */
  #fill(
    name: ObjectName,
    reservation: Reservation,
    blocks: Blocks,
    options: WriteOptions,
  ): ObjectInfo | undefined {
    if (this.#objects.has(name) || this.#reservations.get(name) !== reservation) return undefined;
    this.#reservations.delete(name);
    // Not claimed: it was, part by part, and what is released for them is counted here.
    this.#usedBytes += blocks.sizeBytes;
    return this.#put(name, blocks, options);
  }

  /** Makes the object visible. Synchronous, so that nobody sees half of it. */
  #put(
    name: ObjectName,
    blocks: Blocks,
    { writeId, contentType, contentEncoding, metadata }: WriteOptions,
  ): ObjectInfo {
    const info: ObjectInfo = Object.freeze({
      name,
      sizeBytes: blocks.sizeBytes,
      // Not the number alone: after a restart a cache would take another content for the one that it has.
      version: `${++this.#versions}-${writeId.slice(0, 8)}` as ObjectVersion,
      lastModified: new Date(this.#clock()),
      ...(contentType !== undefined && { contentType }),
      ...(contentEncoding !== undefined && { contentEncoding }),
      writeId,
      metadata: Object.freeze({ ...metadata }),
    });
    const old = this.#objects.get(name);
    if (old) this.#usedBytes -= old.blocks.sizeBytes;
    else this.#sortedKeys = undefined;
    this.#objects.set(name, { info, blocks });
    return info;
  }

  #drop(name: ObjectName): boolean {
    const object = this.#objects.get(name);
    if (!object) return false;
    this.#usedBytes -= object.blocks.sizeBytes;
    this.#sortedKeys = undefined;
    return this.#objects.delete(name);
  }

  /** Counts bytes against the quota; whoever claims them gives them back when the write fails. */
  #claim(sizeBytes: number, call: Call): void {
    if (this.#usedBytes + sizeBytes > this.#maxBytes) throw overQuota(call, this.#maxBytes, this.#usedBytes);
    this.#usedBytes += sizeBytes;
  }

  #checkReserved(name: ObjectName, reservation: Reservation): void {
    if (this.#reservations.get(name) !== reservation) throw undoneMeanwhile(this.#call('create', name));
  }

  #get(name: ObjectName, ifMatch: ObjectVersion | undefined, operation: Call['operation']): StoredObject {
    const object = this.#objects.get(name);
    if (!object) throw notFound(this.#call(operation, name));
    this.#checkVersion(name, ifMatch, operation);
    return object;
  }

  #checkVersion(name: ObjectName, ifMatch: ObjectVersion | undefined, operation: Call['operation']): void {
    if (ifMatch !== undefined && this.#objects.get(name)?.info.version !== ifMatch)
      throw otherVersion(this.#call(operation, name));
  }

  #call(operation: Call['operation'], name: ObjectName): Call {
    return { operation, storage: this.id, name };
  }
}
