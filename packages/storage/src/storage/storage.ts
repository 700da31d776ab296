import type { Content } from '../content/content.ts';
import { checkSize, type Guard, type GuardedSource, guardedSource } from '../content/guarded-source.ts';
import { releaseContent } from '../content/one-shot-source.ts';
import { isSource, toSource } from '../content/to-source.ts';
import { FieldFileError, isFieldFileError } from '../errors/field-file-error.ts';
import { reported } from '../errors/report.ts';
import { djangoNames } from '../names/django-names.ts';
import type { NamePolicy } from '../names/name-policy.ts';
import { isObjectName, type ObjectName, type ObjectNameLimits, objectName } from '../names/object-name.ts';
import { throwIfAborted } from './abort.ts';
import { isMark } from './application-marks.ts';
import {
  checkCallOptions,
  checkIdentity,
  checkRange,
  checkStorageOptions,
  checkTarget,
  checkUpload,
  checkUploadName,
  checkUrl,
  rangeOf,
  writeOptions,
} from './arguments.ts';
import type {
  Backend,
  CallOptions,
  Candidates,
  ListedObject,
  ListOptions,
  ListPage,
  ObjectInfo,
  ObjectVersion,
  UndoOptions,
  UndoResult,
  UploadedOptions,
  UploadTarget,
  UrlKind,
  WriteId,
  WriteOptions,
} from './backend.ts';
import { candidatesOf } from './candidates-of.ts';
import type {
  Bound,
  HasLocalPath,
  ObjectUrlOptions,
  PublishesUrls,
  SignedUpload,
  SignedUploadOptions,
  SignsUploads,
  SignsUrls,
  UrlOptions,
} from './capabilities.ts';
import { publishesUrls, signsUrls } from './capabilities.ts';
import { deleteVersion } from './delete-version.ts';
import { observed } from './diagnostics.ts';
import { disposing } from './disposing.ts';
import { eachObject } from './each-object.ts';
import { type ErrorContext, inContext } from './error-context.ts';
import { asStored, compressedTypes, contentSize, isGzip } from './gzip-options.ts';
import { listPages } from './list-pages.ts';
import { locate } from './locate.ts';
import { openObject } from './open-object.ts';
import { checkLimit, limited, pagingOf } from './paging.ts';
import { claimPlace, hasPlace, placeOf, releasePlace } from './places.ts';
import { withRetries } from './retries.ts';
import type {
  CopyObjectOptions,
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
import { urlKind } from './url-kind.ts';
import { createObject, replaceObject, writtenBy } from './write-object.ts';

const BRAND: unique symbol = Symbol.for('@fieldfile/storage/storage');

const UNLIMITED = { maxNameBytes: Number.POSITIVE_INFINITY, maxSegmentBytes: Number.POSITIVE_INFINITY };

/**
 * Object storage with Django's behaviour: names that never lead out, no overwriting, the name that the object really has in return.
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
  /** How what failed is repeated. */
  readonly retry: RetryOptions;
  readonly #compressed: ReadonlySet<string>;
  readonly #urls: UrlKind | undefined;
  readonly #id: string;
  readonly #formerIds: readonly string[];

  /**
   * @throws `unsupported` for `gzip` where the backend cannot keep that a content is compressed; `invalid-argument` when
   * another storage has the same place under another id, or one around or inside of it. Some backends know their place
   * when they are first used only: then the first operation throws it.
   */
  constructor(backend: B, options: StorageOptions = {}) {
    checkStorageOptions(options, new.target === Storage);
    checkIdentity(options);
    this.backend = backend;
    this.#id = options.id ?? backend.id;
    const formerIds = new Set([...(options.formerIds ?? []), ...(backend.formerIds ?? [])]);
    formerIds.delete(this.#id);
    this.#formerIds = [...formerIds];
    this.names = options.names ?? djangoNames();
    this.retry = options.retry ?? {};
    this.#compressed = compressedTypes(backend, options.gzip);
    this.#urls = urlKind(backend, options.urls);
    Object.defineProperty(this, BRAND, { value: true });
    claimPlace(this, this.#id, placeOf(backend), backend.locate === undefined);
  }

  /** Two storages have one id exactly when they hold the same objects. */
  get id(): string {
    return this.#id;
  }

  /** Ids under which journals may have entries of these objects, beside {@link id}. */
  get formerIds(): readonly string[] {
    return this.#formerIds;
  }

  /**
   * Stores content under `name`, or under an alternative when it is taken. A stream is taken over: when this rejects, it
   * is destroyed or cancelled, and an HTTP request read to its end.
   *
   * @returns the name that the object really has: keep that one.
   * @throws `suspicious-name`, `name-too-long`, `content-consumed`, `too-large`, `integrity`, and with `onTaken: 'fail'`
   * `exists`, before anything is stored;
   * whatever the content's own stream throws, with nothing left behind.
   */
  async save(name: string, content: Content, options: SaveObjectOptions = {}): Promise<string> {
    return this.#settled(await this.create(name, content, options));
  }

  /**
   * Like {@link save}, but the write can still be undone: for whoever stores the name in a database and does not yet
   * know whether that commits. Follow it by {@link settle} or {@link undo}.
   */
  create(name: string, content: Content, options: SaveObjectOptions = {}): Promise<ObjectWrite> {
    return this.#taking(content, 'create', name, options, async context => {
      throwIfAborted(options.signal, 'create');
      const source = this.#source(content, options, context);
      const write = writeOptions(options, this.backend);
      const names = await candidatesOf(this, name, options, context.operation);
      return this.#store(source, names, write, options, context);
    });
  }

  /** The row that names the object is committed: forgets what only {@link undo} needed. */
  settle(name: string, writeId: WriteId, options: CallOptions = {}): Promise<void> {
    return this.#run('settle', name, options, async () => {
      const checked = this.#checked('settle', name);
      await withRetries(
        async () => this.backend.settle?.(checked, writeId, options),
        this.retry,
        options.signal,
      );
    });
  }

  /**
   * Takes back what that write left under `name`, and never another write's object.
   * @param options `keepObject`: for a replacement, of which no old object would come back.
   */
  undo(name: string, writeId: WriteId, options: UndoOptions = {}): Promise<UndoResult> {
    return this.#run('undo', name, options, async () => {
      const checked = this.#checked('undo', name);
      return withRetries(() => this.backend.undo(checked, writeId, options), this.retry, options.signal);
    });
  }

  /**
   * Overwrites on purpose, atomically: readers see the old content or the new, and a failure leaves the old.
   * Creates when there is none.
   *
   * @throws `precondition` when `ifMatch` is given and another version, or none, is there.
   */
  replace(name: string, content: Content, options: ReplaceObjectOptions = {}): Promise<ObjectInfo> {
    return this.#taking(content, 'replace', name, options, async context => {
      throwIfAborted(options.signal, 'replace');
      const checked = this.#checked('replace', name);
      const source = this.#source(content, options, context);
      const write = {
        ...writeOptions(options, this.backend),
        ...(options.ifMatch ? { ifMatch: options.ifMatch } : {}),
      };
      const stored = await asStored(source, checked, write, this.#compressed);
      const info = await replaceObject(this.backend, checked, write, this.retry, source, () =>
        this.backend.replace(checked, stored.source, stored.options),
      );
      await reported(() => source.consume());
      const replaced = this.#written(withDigest(info, options, source.digestBase64), write.writeId, context);
      if (options.settles !== false) await this.#settled(replaced);
      return replaced.info;
    });
  }

  /**
   * Opens for reading. Dispose of the result, read or not.
   *
   * @throws `not-found`; `precondition` when `ifMatch` names another version.
   */
  open(name: string, options: OpenObjectOptions = {}): Promise<OpenedObject> {
    return this.#run('open', name, options, async () => {
      throwIfAborted(options.signal, 'open');
      const { signal, ifMatch } = options;
      const range = rangeOf(options.start, options.endExclusive);
      checkRange(range, name);
      const asked = {
        ...(range ? { range } : {}),
        ...(ifMatch === undefined ? {} : { ifMatch }),
        ...(signal ? { signal } : {}),
      };
      return openObject(this.backend, this.#checked('open', name), asked, options, this.retry);
    });
  }

  /** @throws `not-found`. */
  async info(name: string, options: CallOptions = {}): Promise<ObjectInfo> {
    const info = await this.#look('info', name, options);
    if (!info)
      throw new FieldFileError(
        'not-found',
        `${JSON.stringify(name)} is not on storage "${this.id}" (info).`,
        { operation: 'info', storage: this.id, name },
      );
    return info;
  }

  /** Whether there is such an object. Being forbidden to know is an error, not `false`. */
  async exists(name: string, options: CallOptions = {}): Promise<boolean> {
    return (await this.#look('exists', name, options)) !== undefined;
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
    await this.#run('delete', name, options, async () => {
      const checked = this.#checked('delete', name);
      return withRetries(() => this.backend.remove(checked, options), this.retry, options.signal);
    });
  }

  /**
   * Removes many, in the provider's batches.
   *
   * @returns what could not be removed, and why; what is no object name, too.
   */
  async deleteMany(
    names: Iterable<string>,
    options: CallOptions = {},
  ): Promise<ReadonlyMap<string, unknown>> {
    return this.#run('deleteMany', '', options, async () => {
      const failed = new Map<string, unknown>();
      const valid: ObjectName[] = [];
      for (const name of names)
        try {
          valid.push(this.#checked('deleteMany', name));
        } catch (error) {
          if (!isFieldFileError(error)) throw error;
          failed.set(name, error);
        }
      if (valid.length === 0) return failed;
      if (this.backend.removeMany) {
        const removeMany = this.backend.removeMany.bind(this.backend);
        const others = await withRetries(() => removeMany(valid, options), this.retry, options.signal);
        return failed.size === 0 ? others : new Map([...failed, ...others]);
      }
      const queue = valid.values();
      const worker = async (): Promise<void> => {
        for (const name of queue) await this.delete(name, options).catch(error => failed.set(name, error));
      };
      await Promise.all(Array.from({ length: 8 }, worker));
      throwIfAborted(options.signal, 'deleteMany');
      return failed;
    });
  }

  /**
   * Objects whose name begins with `prefix`, in `backend.listOrder`; pages are fetched as they are consumed.
   *
   * @throws `suspicious-name` for what no name can begin with.
   */
  list(prefix = '', options: ListObjectsOptions = {}): AsyncGenerator<ListedObject, void, undefined> {
    return eachObject(this.#listed(prefix, options));
  }

  /** {@link list} by the page, for who has millions to go through. */
  async *listPages(
    prefix = '',
    options: ListObjectsOptions = {},
  ): AsyncGenerator<readonly ListedObject[], void, undefined> {
    for await (const { objects } of this.#listed(prefix, options)) yield objects;
  }

  /** Django's `listdir`: one level, names relative to it. A folder that is not there is empty. */
  async listdir(path = '', options: CallOptions = {}): Promise<Listing> {
    const folder = path.split('/').filter(segment => segment !== '' && segment !== '.');
    const prefix = folder.length === 0 ? '' : `${path.startsWith('/') ? '/' : ''}${folder.join('/')}/`;
    const folders: string[] = [];
    const files: string[] = [];
    for await (const page of this.#pages('listdir', { ...options, prefix, delimiter: '/', pageSize: 1000 })) {
      for (const name of page.folders) folders.push(name.slice(prefix.length, -1));
      for (const { name } of page.objects) files.push(name.slice(prefix.length));
    }
    return { folders, files };
  }

  /**
   * Copies one object of this storage, by the provider where it can, with type and metadata; never overwrites.
   *
   * @returns the name that the object really has.
   * @throws `not-found`; `precondition` when `ifMatch` names another version.
   */
  async copy(from: string, to: string, options: CopyObjectOptions = {}): Promise<string> {
    return this.#settled(await this.createCopy(from, to, options));
  }

  /**
   * Copies one object and removes the original. A failure leaves the original, and nothing else.
   *
   * @returns the name that the object really has.
   * @throws `not-found`; `precondition` when the original is, or meanwhile became, another version than `ifMatch`.
   */
  move(from: string, to: string, options: CopyObjectOptions = {}): Promise<string> {
    return this.#run('move', to, options, async () => {
      const call = options.signal ? { signal: options.signal } : {};
      const ifMatch = options.ifMatch ?? (await this.info(from, call)).version;
      const copy = await this.createCopy(from, to, { ...options, ifMatch });
      try {
        await deleteVersion(this, from, ifMatch, call);
      } catch (error) {
        // Its answer may be lost, and the original with it: then the copy is all there is.
        if (await this.exists(from)) {
          await this.undo(copy.name, copy.writeId);
          throw error;
        }
      }
      return this.#settled(copy);
    });
  }

  /** {@link copy} that can still be undone, as {@link create}. */
  createCopy(from: string, to: string, options: CopyObjectOptions = {}): Promise<ObjectWrite> {
    return this.#run('copy', to, options, async context => {
      throwIfAborted(options.signal, 'copy');
      const name = this.#checked('copy', from);
      const write = writeOptions(options, this.backend);
      const names = await candidatesOf(this, to, options, context.operation);
      const { backend } = this;
      const original = await this.#measured(from, options);
      // Where the bytes do not pass by, a limit is asked of the original; what is copied is then that version.
      const isMeasured = original === undefined || !isGzip(original);
      if (backend.copy && options.digest === undefined && isMeasured) {
        const copy = backend.copy.bind(backend);
        if (original) checkSize(original.sizeBytes, this.#guard(options), context);
        const ifMatch = options.ifMatch ?? original?.version;
        const checked = { ...write, ...(ifMatch ? { ifMatch } : {}) };
        const info = await createObject(backend, names, checked, this.retry, serverSide, candidates =>
          copy(name, candidates, checked),
        );
        return this.#written(info, write.writeId, context);
      }
      const { signal, ifMatch } = options;
      const opened = await this.open(from, {
        ...(signal ? { signal } : {}),
        ...(ifMatch ? { ifMatch } : {}),
      });
      return disposing(opened, async ({ stream: body, info }) => {
        const { contentType, metadata } = info;
        const source = this.#source(body, { ...contentSize(info), ...options }, context);
        const like = { ...(contentType === undefined ? {} : { contentType }), metadata, ...write };
        return this.#store(source, names, like, options, context);
      });
    });
  }

  /**
   * The URL at which the object is read: public or signed, as the storage is. One call for every storage.
   * On a public one only what the address itself cannot say is signed for, where it can sign: else it has no effect.
   *
   * @throws `unsupported` where the storage has no URLs.
   */
  url(name: string, options: ObjectUrlOptions = {}): Promise<string> {
    return this.#run('url', name, options, async () => {
      const { backend } = this;
      const checked = this.#checked('url', name);
      const { expiresInSeconds = 3600, ...asked } = options;
      const isPlain = Object.values(asked).every(value => value === undefined);
      if (signsUrls(backend) && (this.#urls === 'signed' || !isPlain)) {
        const signed = { ...asked, expiresInSeconds };
        checkUrl(signed);
        return backend.signUrl(checked, signed);
      }
      if (publishesUrls(backend)) return backend.publicUrl(checked);
      throw new FieldFileError(
        'unsupported',
        `Storage "${this.id}" has no URLs for its objects (url of ${JSON.stringify(name)}).`,
        { operation: 'url', storage: this.id, name },
      );
    });
  }

  /**
   * The address anybody may read the object at.
   *
   * @throws `unsupported`, also from the methods below, where the types were not asked.
   */
  publicUrl(this: Storage<Backend & PublishesUrls>, name: string): string {
    this.#requireMethod('publicUrl', this.backend.publicUrl);
    return this.backend.publicUrl(this.#checked('publicUrl', name));
  }

  /** @throws `invalid-argument` for an expiry that is no whole number of seconds above 0. */
  signedUrl(this: Storage<Backend & SignsUrls>, name: string, options: UrlOptions): Promise<string> {
    return this.#run('signedUrl', name, options, async () => {
      this.#requireMethod('signedUrl', this.backend.signUrl);
      checkUrl(options);
      return this.backend.signUrl(this.#checked('signedUrl', name), options);
    });
  }

  /** What a browser needs to upload one object itself. `enforced` says what the provider checks. */
  signedUpload<Bounds extends Bound>(
    this: Storage<Backend & SignsUploads<Bounds>>,
    name: string,
    options: SignedUploadOptions,
  ): Promise<SignedUpload<Bounds>> {
    return this.#run('signedUpload', name, options, async () => {
      this.#requireMethod('signedUpload', this.backend.signUpload);
      checkUpload(options);
      const checked = this.#checked('signedUpload', name);
      checkUploadName(checked, options);
      return this.backend.signUpload(checked, options);
    });
  }

  /**
   * What a client has uploaded by a URL that `signedUpload` signed with `replaces`. From then on no such URL changes it, but
   * on a backend where it goes aside: there it is put in place now, and `undo` with `keepObject` removes what may come late.
   * Undefined: nothing was uploaded, or it is gone.
   */
  uploaded(name: string, target: UploadTarget, options: UploadedOptions): Promise<ObjectInfo | undefined> {
    return this.#run('uploaded', name, options, async () => {
      throwIfAborted(options.signal, 'uploaded');
      checkTarget(target);
      const checked = this.#checked('uploaded', name);
      const { backend } = this;
      const { signal } = options;
      if (backend.placeUpload) {
        const place = backend.placeUpload.bind(backend);
        try {
          return await withRetries(() => place(checked, target, options), this.retry, signal);
        } catch (error) {
          // Another call has put it in place, or an answer was lost.
          if (!isFieldFileError(error, 'not-found', 'precondition')) throw error;
        }
      }
      const { writeId } = target;
      const call = signal ? { signal } : {};
      return withRetries(() => writtenBy(backend, checked, writeId, call), this.retry, signal);
    });
  }

  /** The object's file on this machine. */
  path(this: Storage<Backend & HasLocalPath>, name: string): string {
    this.#requireMethod('path', this.backend.localPath);
    return this.backend.localPath(this.#checked('path', name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    releasePlace(this);
    await this.backend.close?.();
  }

  /** What may be shown of it, also by `util.inspect`: a backend's own fields may be secrets. */
  toJSON(): { readonly id: string } {
    return { id: this.id };
  }

  /** Runs an operation: told to diagnostics, and its errors told what they are about. */
  #run<T>(
    operation: string,
    name: string,
    options: object,
    run: (context: ErrorContext) => Promise<T>,
  ): Promise<T> {
    const context = { operation, storage: this.id, ...(name === '' ? {} : { name }) };
    return observed(operation, this.id, name, async () => {
      try {
        checkCallOptions(operation, options, this.id, name);
        if (!hasPlace(this)) await locate(this);
        return await run(context);
      } catch (error) {
        throw inContext(error, context);
      }
    });
  }

  /** Runs a write, which takes over its content: what was refused is let go of. */
  #taking<T>(
    content: Content,
    operation: string,
    name: string,
    options: object,
    run: (context: ErrorContext) => Promise<T>,
  ): Promise<T> {
    return this.#run(operation, name, options, async context => {
      try {
        return await run(context);
      } catch (error) {
        // A source is its maker's, who may offer it again; what was consumed, somebody else reads.
        if (!isSource(content) && !isFieldFileError(error, 'content-consumed')) releaseContent(content);
        throw error;
      }
    });
  }

  #look(operation: string, name: string, options: CallOptions): Promise<ObjectInfo | undefined> {
    return this.#run(operation, name, options, async () => {
      throwIfAborted(options.signal, operation);
      const checked = this.#checked(operation, name);
      return withRetries(() => this.backend.info(checked, options), this.retry, options.signal);
    });
  }

  #listed(prefix: string, options: ListObjectsOptions): AsyncGenerator<ListPage, void, undefined> {
    const { limit, pageSize: _, ...rest } = options;
    return limited(this.#pages('list', { ...rest, prefix, ...pagingOf(options) }, limit), limit);
  }

  async *#pages(
    operation: string,
    options: ListOptions,
    limit?: number,
  ): AsyncGenerator<ListPage, void, undefined> {
    const { prefix } = options;
    const { prefix: _, delimiter: __, firstPageSize: ___, ...given } = options;
    try {
      checkLimit(limit);
      checkCallOptions('list', given, this.id, prefix);
      if (!hasPlace(this)) await locate(this);
      throwIfAborted(options.signal, operation);
      // What a name can begin with: checked as the beginning of one, whatever its length.
      if (prefix !== '')
        objectName(`${prefix}_`, { ...this.backend.limits, ...UNLIMITED }, operation, this.id);
      for await (const page of listPages(this.backend, options, this.retry)) {
        const usable = usablePage(page, this.backend.limits, prefix);
        if (usable.objects.length + usable.folders.length > 0) yield usable;
      }
    } catch (error) {
      throw inContext(error, { operation, storage: this.id, name: prefix });
    }
  }

  async #store(
    source: GuardedSource,
    names: Candidates,
    write: WriteOptions,
    options: SaveObjectOptions,
    context: ErrorContext,
  ): Promise<ObjectWrite> {
    const stored = await asStored(source, names.first, write, this.#compressed);
    const info = await createObject(this.backend, names, write, this.retry, source, candidates =>
      this.backend.create(stored.source, candidates, stored.options),
    );
    await reported(() => source.consume());
    return this.#written(withDigest(info, options, source.digestBase64), write.writeId, context);
  }

  /** The object to be copied, where the copy's length matters. */
  async #measured(name: string, options: SaveObjectOptions): Promise<ObjectInfo | undefined> {
    if (options.maxSizeBytes === undefined && options.sizeBytes === undefined) return undefined;
    return this.info(name, options.signal ? { signal: options.signal } : {});
  }

  #checked(operation: string, name: string): ObjectName {
    return objectName(name, this.backend.limits, operation, this.id);
  }

  #source(content: Content, options: SaveObjectOptions, context: ErrorContext): GuardedSource {
    return guardedSource(toSource(content, context), this.#guard(options), context);
  }

  #guard({ maxSizeBytes, sizeBytes, digest }: SaveObjectOptions): Guard {
    const { maxObjectBytes, maxStreamBytes } = this.backend.limits;
    return { maxObjectBytes, maxStreamBytes, maxSizeBytes, sizeBytes, digest };
  }

  /** A backend's answer is input, too (CVE-2024-39330). */
  #written(info: ObjectInfo, writeId: WriteId, { operation }: ErrorContext): ObjectWrite {
    return { name: this.#checked(operation, info.name), writeId, info };
  }

  /** Ends a write that nobody will undo. It is done, so a failure is reported and not thrown. */
  async #settled({ name, writeId }: ObjectWrite): Promise<string> {
    await reported(() => this.settle(name, writeId));
    return name;
  }

  #requireMethod(operation: string, method: unknown): void {
    if (typeof method === 'function') return;
    throw new FieldFileError(
      'unsupported',
      `Storage "${this.id}" has no ${operation}(): ask its guard first.`,
      {
        operation,
        storage: this.id,
      },
    );
  }
}

Object.defineProperty(Storage.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: Storage): string {
    return `${this.constructor.name} ${JSON.stringify(this.id)}`;
  },
});

/**
 * Without what others made that has no name here: it could not be opened, copied or removed. And without the marks of
 * applications, unless it is them that are asked for.
 */
function usablePage(page: ListPage, limits: ObjectNameLimits, prefix: string): ListPage {
  const isShown = isMark(prefix) ? () => true : (name: string) => !isMark(name);
  const isObject = ({ name }: ListedObject): boolean => isObjectName(name, limits) && isShown(name);
  const isFolder = (folder: string): boolean => isObjectName(folder.slice(0, -1), limits) && isShown(folder);
  if (page.objects.every(isObject) && page.folders.every(isFolder)) return page;
  return { objects: page.objects.filter(isObject), folders: page.folders.filter(isFolder) };
}

/** The digest that was asked for, computed on the way, is what is known of the object from now on. */
function withDigest(info: ObjectInfo, { digest }: SaveObjectOptions, base64: string | undefined): ObjectInfo {
  return digest && base64 ? { ...info, digest: { algorithm: digest, base64 } } : info;
}

/** A copy by the provider reads nothing of ours: it can be asked for again. */
const serverSide = { repeatable: true } as const;

/** Recognises a storage also across two installed copies of the package. */
export function isStorage(value: unknown): value is Storage {
  return typeof value === 'object' && value !== null && BRAND in value;
}
