import type { InspectOptions, inspect } from 'node:util';
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
  type Candidates,
  checkUploadName,
  type ListOptions,
  type ListPage,
  type ObjectName,
  type Place,
  type ReadOptions,
  type ReadResult,
  type ReplaceOptions,
  throwIfAborted,
  type UndoOptions,
  type UndoResult,
  type UrlMethod,
  type WriteOptions,
  type WritesParts,
  withoutPassword,
} from '@fieldfile/storage/backend';
import type { Storage as Client } from '@google-cloud/storage';
import { Bucket, type CallContext, checked } from './bucket.ts';
import { copyObject } from './copy.ts';
import { isStatus, toFieldFileError } from './errors.ts';
import { identityOf } from './identity.ts';
import { listObjects } from './list.ts';
import { checkOptions, clientOf, type GcsStorageOptions } from './options.ts';
import { GcsParts, removeParts } from './parts.ts';
import { openObject } from './read.ts';
import { isReservation, objectInfo } from './resource.ts';
import { Transport } from './transport.ts';
import { createObject, replaceObject, type UploadContext, undoWrite } from './upload.ts';
import { addressOf, type BoundOnGcs, type SigningContext, signedPost, signedPut, signedUrl } from './url.ts';

const PART_SIZE_BYTES = 8 * 1024 * 1024;
const TIMEOUT_MS = 60_000;
const LARGEST_BYTES = 5 * 1024 ** 4;

/** First segment of names that are the storage's own. */
const INTERNAL = '.fieldfile';

/** A {@link Backend} over one bucket of Google Cloud Storage. Does not know `location`: {@link GcsStorage} sees to that. */
export class GcsBackend implements Backend, PublishesUrls, SignsUrls, SignsUploads<BoundOnGcs>, WritesParts {
  readonly id: string;
  readonly formerIds: readonly string[];
  readonly place: Place;
  readonly limits: BackendLimits = {
    maxNameBytes: 1024,
    maxObjectBytes: LARGEST_BYTES,
    maxStreamBytes: LARGEST_BYTES,
    reservedSegments: ['.well-known', INTERNAL],
  };
  readonly listOrder = 'utf-8';
  readonly keepsContentEncoding = true;
  readonly keepsVisibility = true;
  readonly cannot: readonly UrlMethod[];
  readonly urls: UrlKind | undefined;
  readonly parts: GcsParts;
  readonly #options: GcsStorageOptions;
  readonly #client: Client;
  readonly #transport: Transport;
  readonly #bucket: Bucket;

  constructor(options: GcsStorageOptions) {
    this.#options = checkOptions(options);
    this.#client = clientOf(options);
    this.#transport = new Transport(this.#client, this.#timeoutMs, options.agent);
    // An emulator without credentials; elsewhere the environment has some, and with them IAM signs.
    const hasKey = this.#client.authClient.jsonContent !== null || options.credentials !== undefined;
    this.cannot = this.#transport.isAnonymous && !hasKey ? ['signUrl', 'signUpload'] : [];
    this.urls = options.urls;
    this.#bucket = new Bucket(this.#transport, {
      bucketName: options.bucketName,
      userProject: options.userProject,
      predefinedAcl: options.defaultAcl,
      kmsKeyName: options.kmsKeyName,
    });
    const { id, formerIds, place } = identityOf(this.#transport.endpoint, options);
    this.id = id;
    this.formerIds = formerIds;
    this.place = place;
    this.parts = new GcsParts({
      id,
      bucket: this.#bucket,
      objectParameters: options.objectParameters,
      folderOf: writeId => this.#partsFolder(writeId),
      run: (operation, name, act) => this.#run(operation, name, operation !== 'writePart', act),
    });
  }

  create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    return this.#write('create', names.first, names, current =>
      createObject(this.#upload('create', current, options), source, current.names, options),
    );
  }

  replace(name: ObjectName, source: Source, options: ReplaceOptions): Promise<ObjectInfo> {
    return this.#run('replace', name, true, () => {
      throwIfAborted(options.signal, 'replace');
      return replaceObject(this.#upload('replace', { name }, options), name, source, options);
    });
  }

  copy(
    from: ObjectName,
    names: Candidates,
    options: WriteOptions & { readonly ifMatch?: ObjectVersion },
  ): Promise<ObjectInfo> {
    return this.#write('copy', from, names, current =>
      copyObject(this.#bucket.giving(options), from, current.names, options, this.#options.objectParameters),
    );
  }

  undo(name: ObjectName, writeId: WriteId, options: UndoOptions = {}): Promise<UndoResult> {
    const { keepObject } = options;
    return this.#run('undo', name, true, () =>
      undoWrite(this.#bucket, name, writeId, call('undo', options), keepObject, () =>
        removeParts(this.#bucket, this.#partsFolder(writeId), call('undo', options)),
      ),
    );
  }

  findWrite(name: ObjectName, writeId: WriteId, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    return this.#run('findWrite', name, false, async () => {
      const resource = await this.#bucket.findWrite(name, writeId, call('findWrite', options));
      return resource && objectInfo(resource);
    });
  }

  read(name: ObjectName, options: ReadOptions = {}): Promise<ReadResult> {
    return this.#run('read', name, false, () =>
      openObject(name, {
        ...options,
        bucket: this.#bucket,
        timeoutMs: this.#timeoutMs,
        translate: error => this.#translate(error, 'read', name, false),
      }),
    );
  }

  /** A name that is held for an upload is no object yet. */
  info(name: ObjectName, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    return this.#run('info', name, false, async () => {
      const resource = await this.#bucket.find(name, call('info', options));
      return resource && !isReservation(resource) ? objectInfo(resource) : undefined;
    });
  }

  remove(
    name: ObjectName,
    options: CallOptions & { readonly ifMatch?: ObjectVersion } = {},
  ): Promise<boolean> {
    const { ifMatch } = options;
    return this.#run('remove', name, true, async () => {
      try {
        return await this.#bucket.delete(name, { ifGenerationMatch: ifMatch }, call('remove', options));
      } catch (error) {
        // The service does not say whether it is another generation, or none at all.
        if (isStatus(error, 412) && !(await this.#bucket.find(name, call('remove', options)))) return false;
        throw error;
      }
    });
  }

  async *list(options: ListOptions): AsyncGenerator<ListPage, void, undefined> {
    try {
      yield* listObjects(this.#bucket, this.id, options);
    } catch (error) {
      throw this.#translate(error, 'list', undefined, false);
    }
  }

  /** Below `customEndpoint`, or the service's own address. As public as the bucket makes it. */
  publicUrl(name: ObjectName): string {
    const { customEndpoint, bucketName } = this.#options;
    const base = customEndpoint ?? `${this.#transport.endpoint}/${bucketName}`;
    return addressOf(base, checked(name, 'publicUrl', bucketName));
  }

  /** @throws `invalid-argument` beyond 7 days; `permission` where nothing can sign. */
  async signUrl(name: ObjectName, options: UrlOptions): Promise<string> {
    return signedUrl(this.#signing(name), options);
  }

  /** @throws as {@link signUrl}. */
  async signUpload(name: ObjectName, options: SignedUploadOptions): Promise<SignedUpload<BoundOnGcs>> {
    checkUploadName(name, options);
    // A form may overwrite: no condition of one is signed.
    const isForm = this.#options.signedUploadMethod === 'POST' && options.replaces === undefined;
    const signed = isForm ? signedPost : signedPut;
    return signed(this.#signing(name), options);
  }

  async close(): Promise<void> {
    this.#transport.close();
  }

  /** Sockets that carry a request at this moment. */
  get socketsInUse(): number {
    return this.#transport.socketsInUse;
  }

  /** The options without what is secret in them. */
  describe(): object {
    const { client: _client, agent: _agent, credentials, apiEndpoint, ...shown } = this.#options;
    return {
      ...shown,
      ...(apiEndpoint === undefined ? {} : { apiEndpoint: withoutPassword(apiEndpoint) }),
      ...(credentials ? { credentials: credentials.client_email } : {}),
    };
  }

  #partsFolder(writeId: WriteId): string {
    const { location } = this.#options;
    return `${location === undefined ? '' : `${location}/`}${INTERNAL}/${encodeURIComponent(writeId)}/`;
  }

  get #timeoutMs(): number {
    return this.#options.timeoutMs ?? TIMEOUT_MS;
  }

  #upload(operation: string, current: { readonly name: ObjectName }, options: WriteOptions): UploadContext {
    const { objectParameters, blobChunkSize = PART_SIZE_BYTES, retry = {} } = this.#options;
    return {
      bucket: this.#bucket.giving(options),
      objectParameters,
      partSizeBytes: blobChunkSize,
      retry,
      translate: error => this.#translate(error, operation, current.name, true),
    };
  }

  #signing(name: ObjectName): SigningContext {
    const { bucketName, customEndpoint, expiryStepSeconds = 1, signingEndpoint } = this.#options;
    const { objectParameters, defaultAcl: predefinedAcl, kmsKeyName } = this.#options;
    return {
      file: this.#client.bucket(bucketName).file(checked(name, 'sign', bucketName)),
      name,
      storage: this.id,
      customEndpoint,
      stepSeconds: expiryStepSeconds,
      signingEndpoint,
      given: { objectParameters, predefinedAcl, kmsKeyName },
    };
  }

  /** A write under names that change: an error is about the one that was tried last. */
  async #write(
    operation: 'create' | 'copy',
    about: ObjectName,
    names: Candidates,
    act: (current: { readonly name: ObjectName; readonly names: Candidates }) => Promise<ObjectInfo>,
  ): Promise<ObjectInfo> {
    let name = about;
    const following: Candidates = {
      first: names.first,
      next: async refused => {
        const next = await names.next(refused);
        if (operation === 'create') name = next;
        return next;
      },
    };
    try {
      return await act({
        names: following,
        get name() {
          return name;
        },
      });
    } catch (error) {
      throw this.#translate(error, operation, name, true);
    }
  }

  async #run<T>(operation: string, name: ObjectName, writes: boolean, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw this.#translate(error, operation, name, writes);
    }
  }

  #translate(error: unknown, operation: string, name: string | undefined, writes: boolean): unknown {
    const { bucketName: bucket } = this.#options;
    return toFieldFileError(error, { operation, storage: this.id, bucket, name, writes });
  }
}

const call = (operation: string, { signal }: CallOptions): CallContext => ({
  operation,
  ...(signal ? { signal } : {}),
});

// Not in the class: an isolated declaration cannot name it.
Object.defineProperty(GcsBackend.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: GcsBackend, _depth: number, options: InspectOptions, show: typeof inspect): string {
    return `GcsBackend ${show(this.describe(), options)}`;
  },
});
