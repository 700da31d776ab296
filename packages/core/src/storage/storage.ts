import type { Bytes } from '../content/content.ts';
import { guardedSource } from '../content/guarded-source.ts';
import type { Source } from '../content/source.ts';
import { type SourceContext, toSource } from '../content/to-source.ts';
import { FieldFileError } from '../errors/field-file-error.ts';
import { candidateNames } from '../names/candidate-names.ts';
import { djangoNames } from '../names/django-names.ts';
import type { NamePolicy } from '../names/name-policy.ts';
import { type ObjectKey, objectKey } from '../names/object-key.ts';
import { throwIfAborted } from './abort.ts';
import { checkExpiry, checkRange, writeOptions } from './arguments.ts';
import type {
  Backend,
  CallOptions,
  Candidates,
  ListedObject,
  ObjectInfo,
  ObjectVersion,
  UndoResult,
  WriteId,
} from './backend.ts';
import type {
  Bound,
  HasLocalPath,
  PublishesUrls,
  SignedUpload,
  SignedUploadOptions,
  SignsUploads,
  SignsUrls,
  UrlOptions,
} from './capabilities.ts';
import { observed } from './diagnostics.ts';
import { openObject } from './open-object.ts';
import { withRetries } from './retries.ts';
import type {
  Listing,
  ListObjectsOptions,
  ObjectWrite,
  OpenedObject,
  OpenObjectOptions,
  ReplaceObjectOptions,
  RetryOptions,
  SaveObjectOptions,
  StorageOptions,
} from './storage-options.ts';
import { createObject, replaceObject } from './write-object.ts';

const BRAND: unique symbol = Symbol.for('@fieldfile/core/storage');

/**
 * Object storage with Django's behaviour: names that never lead out, no overwriting, the name really taken in return.
 * A provider's package gives it a {@link Backend}; everything a storage promises whatever its backend is here.
 *
 * @example
 * ```ts
 * import { MemoryStorage } from '@fieldfile/memory';
 *
 * const storage = new MemoryStorage();
 * const first = await storage.save('notes/a.txt', 'one'); // 'notes/a.txt'
 * const second = await storage.save('notes/a.txt', 'two'); // 'notes/a_x7Kp2Qz.txt'
 * await using opened = await storage.open(first);
 * console.log(second, await opened.text()); // … one
 * ```
 */
export class Storage<B extends Backend = Backend> implements AsyncDisposable {
  readonly backend: B;
  readonly names: NamePolicy;
  readonly #retry: RetryOptions;

  constructor(backend: B, options: StorageOptions = {}) {
    this.backend = backend;
    this.names = options.names ?? djangoNames();
    this.#retry = options.retry ?? {};
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Two storages with one id reach the same objects. */
  get id(): string {
    return this.backend.id;
  }

  /**
   * Stores content under `name`, or under an alternative when it is taken.
   *
   * @returns the name really taken: keep that one.
   * @throws `suspicious-name`, `name-too-long`, `content-consumed`, `too-large`, `integrity` before anything is stored;
   * whatever the content's own stream throws, with nothing left behind.
   */
  async save(name: string, content: Bytes, options: SaveObjectOptions = {}): Promise<string> {
    const write = await this.create(name, content, options);
    await this.settle(write.name, write.writeId);
    return write.name;
  }

  /**
   * Like {@link save}, but the write can still be undone: for whoever stores the name in a database and does not yet
   * know whether that commits. Follow it by {@link settle} or {@link undo}.
   */
  create(name: string, content: Bytes, options: SaveObjectOptions = {}): Promise<ObjectWrite> {
    return observed('create', this.id, name, async () => {
      throwIfAborted(options.signal, 'save');
      const context = this.#context('save', name);
      const candidates = await this.#candidates(name, options);
      const source = this.#guard(toSource(content, context), options, context);
      const write = writeOptions(options);
      const info = await createObject(this.backend, candidates, write, this.#retry, source, names =>
        this.backend.create(source, names, write),
      );
      return this.#written(withDigest(info, options, source.digestBase64), write.writeId);
    });
  }

  /** The row that names the object is committed: forgets what only {@link undo} needed. */
  settle(name: string, writeId: WriteId, options: CallOptions = {}): Promise<void> {
    const key = this.#key('settle', name);
    return withRetries(async () => this.backend.settle?.(key, writeId, options), this.#retry, options.signal);
  }

  /** Takes back what that write left under `name`, and never another write's object. */
  undo(name: string, writeId: WriteId, options: CallOptions = {}): Promise<UndoResult> {
    return observed('undo', this.id, name, () => {
      const key = this.#key('undo', name);
      return withRetries(() => this.backend.undo(key, writeId, options), this.#retry, options.signal);
    });
  }

  /**
   * Overwrites on purpose, atomically: readers see the old content or the new, and a failure leaves the old.
   * Creates when there is none.
   *
   * @throws `precondition` when `ifMatch` is given and another version, or none, is there.
   */
  replace(name: string, content: Bytes, options: ReplaceObjectOptions = {}): Promise<ObjectInfo> {
    return observed('replace', this.id, name, async () => {
      throwIfAborted(options.signal, 'replace');
      const context = this.#context('replace', name);
      const key = this.#key('replace', name);
      const source = this.#guard(toSource(content, context), options, context);
      const write = { ...writeOptions(options), ...(options.ifMatch ? { ifMatch: options.ifMatch } : {}) };
      const info = await replaceObject(this.backend, key, source, write, this.#retry);
      await this.settle(name, write.writeId);
      return withDigest(info, options, source.digestBase64);
    });
  }

  /**
   * Opens for reading. Dispose of the result, read or not.
   *
   * @throws `not-found`; `precondition` when `ifMatch` names another version.
   */
  open(name: string, options: OpenObjectOptions = {}): Promise<OpenedObject> {
    return observed('open', this.id, name, async () => {
      throwIfAborted(options.signal, 'open');
      checkRange(options.range, name);
      return openObject(this.backend, this.#key('open', name), options, this.#retry);
    });
  }

  /** @throws `not-found`. */
  async stat(name: string, options: CallOptions = {}): Promise<ObjectInfo> {
    const info = await this.#stat('stat', name, options);
    if (!info)
      throw new FieldFileError(
        'not-found',
        `${JSON.stringify(name)} is not on storage "${this.id}" (stat).`,
        this.#context('stat', name),
      );
    return info;
  }

  /** Whether there is such an object. Being forbidden to know is an error, not `false`. */
  async exists(name: string, options: CallOptions = {}): Promise<boolean> {
    return (await this.#stat('exists', name, options)) !== undefined;
  }

  /**
   * Removes an object; one that is not there is no error.
   *
   * @throws `precondition` when `ifMatch` names another version.
   */
  async delete(
    name: string,
    options: CallOptions & { readonly ifMatch?: ObjectVersion } = {},
  ): Promise<void> {
    await observed('delete', this.id, name, () => {
      const key = this.#key('delete', name);
      return withRetries(() => this.backend.remove(key, options), this.#retry, options.signal);
    });
  }

  /** Removes many, in the provider's batches. @returns what could not be removed, and why. */
  async deleteMany(
    names: Iterable<string>,
    options: CallOptions = {},
  ): Promise<ReadonlyMap<string, unknown>> {
    const keys = Array.from(names, name => this.#key('delete', name));
    if (this.backend.removeMany) return this.backend.removeMany(keys, options);
    const failed = new Map<string, unknown>();
    const queue = keys.values();
    const worker = async (): Promise<void> => {
      for (const key of queue) await this.delete(key, options).catch(error => failed.set(key, error));
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    return failed;
  }

  /** Objects whose name begins with `prefix`, in `backend.listOrder`; pages are fetched as they are consumed. */
  async *list(prefix = '', options: ListObjectsOptions = {}): AsyncGenerator<ListedObject, void, undefined> {
    const { pageSize = 1000, ...rest } = options;
    for await (const page of this.backend.list({ ...rest, prefix, pageSize })) yield* page.objects;
  }

  /** Django's `listdir`: one level, names relative to it. A folder that is not there is empty. */
  async listdir(path = '', options: CallOptions = {}): Promise<Listing> {
    const folder = path
      .split('/')
      .filter(segment => segment !== '' && segment !== '.')
      .join('/');
    const prefix = folder === '' ? '' : `${this.#key('listdir', folder)}/`;
    const folders: string[] = [];
    const files: string[] = [];
    for await (const page of this.backend.list({ ...options, prefix, delimiter: '/', pageSize: 1000 })) {
      for (const name of page.folders) folders.push(name.slice(prefix.length, -1));
      for (const { key } of page.objects) files.push(key.slice(prefix.length));
    }
    return { folders, files };
  }

  /**
   * Copies one object of this storage, by the provider where it can, with type and metadata; never overwrites.
   *
   * @returns the name really taken.
   * @throws `not-found`.
   */
  async copy(from: string, to: string, options: SaveObjectOptions = {}): Promise<string> {
    const write = await this.createCopy(from, to, options);
    await this.settle(write.name, write.writeId);
    return write.name;
  }

  /** {@link copy} that can still be undone, as {@link create}. */
  createCopy(from: string, to: string, options: SaveObjectOptions = {}): Promise<ObjectWrite> {
    return observed('copy', this.id, to, async () => {
      const key = this.#key('copy', from);
      const candidates = await this.#candidates(to, options);
      const write = writeOptions(options);
      const { backend } = this;
      if (backend.copy && options.digest === undefined) {
        const copy = backend.copy.bind(backend);
        const info = await createObject(backend, candidates, write, this.#retry, repeatable, names =>
          copy(key, names, write),
        );
        return this.#written(info, write.writeId);
      }
      await using original = await this.open(from, options);
      const { contentType, metadata } = original.info;
      return this.create(to, original.body, {
        ...(contentType === undefined ? {} : { contentType }),
        metadata,
        sizeBytes: original.info.sizeBytes,
        ...options,
        writeId: write.writeId,
      });
    });
  }

  /** The address anybody may read the object at. */
  publicUrl(this: Storage<Backend & PublishesUrls>, name: string): string {
    return this.backend.publicUrl(this.#key('publicUrl', name));
  }

  /** @throws `invalid-argument` for an expiry that is no whole number of seconds above 0. */
  async signedUrl(this: Storage<Backend & SignsUrls>, name: string, options: UrlOptions): Promise<string> {
    checkExpiry(options);
    return this.backend.signUrl(this.#key('signedUrl', name), options);
  }

  /** What a browser needs to upload one object itself. `enforced` says what the provider checks. */
  async signedUpload<Bounds extends Bound>(
    this: Storage<Backend & SignsUploads<Bounds>>,
    name: string,
    options: SignedUploadOptions,
  ): Promise<SignedUpload<Bounds>> {
    checkExpiry(options);
    return this.backend.signUpload(this.#key('signedUpload', name), options);
  }

  /** The object's file on this machine. */
  path(this: Storage<Backend & HasLocalPath>, name: string): string {
    return this.backend.localPath(this.#key('path', name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.backend.close?.();
  }

  #stat(operation: string, name: string, options: CallOptions): Promise<ObjectInfo | undefined> {
    return observed(operation, this.id, name, async () => {
      throwIfAborted(options.signal, operation);
      const key = this.#key(operation, name);
      return withRetries(() => this.backend.stat(key, options), this.#retry, options.signal);
    });
  }

  #key(operation: string, name: string): ObjectKey {
    return objectKey(name, this.backend.limits, operation, this.id);
  }

  #context(operation: string, name: string): SourceContext {
    return { operation, storage: this.id, name };
  }

  #guard(
    source: Source,
    options: SaveObjectOptions,
    context: SourceContext,
  ): ReturnType<typeof guardedSource> {
    const { maxObjectBytes, maxStreamBytes } = this.backend.limits;
    const { maxSizeBytes, sizeBytes, digest } = options;
    return guardedSource(
      source,
      {
        maxObjectBytes,
        maxStreamBytes,
        ...(maxSizeBytes === undefined ? {} : { maxSizeBytes }),
        ...(sizeBytes === undefined ? {} : { sizeBytes }),
        ...(digest === undefined ? {} : { digest }),
      },
      context,
    );
  }

  /** The names to try, each validated here whatever the policy says, and each told to the journal before it is tried. */
  async #candidates(name: string, options: SaveObjectOptions): Promise<Candidates> {
    const names = candidateNames(this.names, name, options.maxLength, this.backend.limits);
    const announce = async (candidate: string): Promise<ObjectKey> => {
      const key = this.#key('save', candidate);
      await options.onCandidate?.(key);
      return key;
    };
    return { first: await announce(names.first), next: () => announce(names.next()) };
  }

  #written(info: ObjectInfo, writeId: WriteId): ObjectWrite {
    return { name: this.#key('save', info.key), writeId, info }; // a backend's answer is input, too (CVE-2024-39330)
  }
}

/** The digest that was asked for, computed on the way, is what is known of the object from now on. */
function withDigest(info: ObjectInfo, { digest }: SaveObjectOptions, base64: string | undefined): ObjectInfo {
  return digest && base64 ? { ...info, digest: { algorithm: digest, base64 } } : info;
}

/** A server-side copy reads nothing of ours: it can be asked for again. */
const repeatable = { replayable: true, opened: false } as const;

/** Recognises a storage also across two installed copies of the package. */
export function isStorage(value: unknown): value is Storage {
  return typeof value === 'object' && value !== null && BRAND in value;
}
