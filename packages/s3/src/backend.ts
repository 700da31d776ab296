import { HeadObjectCommand } from '@aws-sdk/client-s3';
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
import type {
  BackendLimits,
  Candidates,
  ListOptions,
  ListPage,
  ObjectKey,
  Place,
  ReadOptions,
  ReadResult,
  ReplaceOptions,
  UndoOptions,
  UndoResult,
  UrlMethod,
  WriteOptions,
} from '@fieldfile/storage/backend';
import { checkObjectParameters } from '@fieldfile/storage/backend';
import { Address } from './address.ts';
import { Conditions } from './conditions.ts';
import { Connection } from './connection.ts';
import { copyObject } from './copy.ts';
import { located } from './identity.ts';
import { listObjects } from './list.ts';
import { isMarker, MARKER, markerKey } from './marker.ts';
import { objectInfo } from './object-info.ts';
import {
  checkOptions,
  encryptionOf,
  MEBIBYTE,
  type ObjectParameters,
  type S3StorageOptions,
} from './options.ts';
import { type ProbeResult, probe } from './probe.ts';
import { openObject } from './read.ts';
import { removeObject, removeObjects } from './remove.ts';
import { undo } from './undo.ts';
import { createObject, replaceObject } from './upload.ts';
import { type BoundOnS3, publicUrl, signUpload, signUrl, type UrlContext } from './url.ts';
import type { WriteContext } from './write.ts';

const GIBIBYTE = 1024 * MEBIBYTE;

/** What one request can carry. */
export interface RequestLimits {
  readonly maxPutBytes: number;
  readonly maxCopyBytes: number;
}

const OF_S3: RequestLimits = { maxPutBytes: 5 * GIBIBYTE, maxCopyBytes: 5 * GIBIBYTE };

/** A {@link Backend} over a bucket. Its names are whole keys: `location` only says where its marker is. See `S3Storage`. */
export class S3Backend implements Backend, PublishesUrls, SignsUrls, SignsUploads<BoundOnS3> {
  readonly id: string;
  readonly formerIds: readonly string[];
  readonly place: Place;
  readonly limits: BackendLimits;
  readonly listOrder = 'utf-8';
  readonly keepsContentEncoding = true;
  readonly keepsVisibility = true;
  readonly cannot: readonly UrlMethod[];
  readonly urls: UrlKind | undefined;
  readonly #options: S3StorageOptions;
  readonly #connection: Connection;
  readonly #context: WriteContext;
  readonly #marker: ObjectKey;
  readonly #urlContext: UrlContext;
  #located: Promise<Place> | undefined;

  /**
   * `limits` is for tests, which have no gigabytes.
   *
   * @throws `invalid-argument`, naming the option and the fix.
   */
  constructor(options: S3StorageOptions, limits: RequestLimits = OF_S3) {
    checkOptions(options);
    const { partSizeBytes = 8 * MEBIBYTE, queueSize = 4, retry = {} } = options;
    const { objectParameters = {} } = options;
    this.#options = options;
    // No URL can carry the key without which the service reads nothing.
    this.cannot = options.sseCustomerKey ? ['publicUrl', 'signUrl', 'signUpload'] : [];
    this.urls = options.urls;
    this.#connection = new Connection(options);
    const { id, formerIds, place } = this.#connection.identity;
    this.id = id;
    this.formerIds = formerIds;
    this.place = place;
    this.limits = {
      maxKeyBytes: 1024,
      maxObjectBytes: 10_000 * 5 * GIBIBYTE,
      maxStreamBytes: 10_000 * partSizeBytes,
      ...(options.location ? {} : { reservedSegments: [MARKER] }),
    };
    this.#marker = markerKey(options.location);
    const parametersOf = (key: ObjectKey): ObjectParameters => {
      const parameters = typeof objectParameters === 'function' ? objectParameters(key) : objectParameters;
      checkObjectParameters(parameters);
      return parameters;
    };
    this.#context = {
      connection: this.#connection,
      parametersOf,
      conditions: new Conditions(this.#connection, {
        stated: options.conditionalWrites,
        marker: this.#marker,
        encryption: () => encryptionOf(parametersOf(this.#marker)),
        retry,
      }),
      partSizeBytes,
      queueSize,
      retry,
      liveUploads: new Set(),
      ...limits,
    };
    const { conditions } = this.#context;
    const address = new Address(this.#connection, options);
    this.#urlContext = { connection: this.#connection, options, address, conditions, parametersOf };
  }

  /** A client knows its endpoint and region when it makes a request, not before. */
  async locate(): Promise<Place> {
    const { client, identity } = this.#connection;
    this.#located ??= located(this.#options, client.config, identity);
    try {
      await this.#urlContext.address.learn();
      return await this.#located;
    } catch (error) {
      this.#located = undefined;
      throw error;
    }
  }

  create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    return createObject(this.#context, source, names, options);
  }

  replace(key: ObjectKey, source: Source, options: ReplaceOptions): Promise<ObjectInfo> {
    return replaceObject(this.#context, key, source, options);
  }

  copy(
    from: ObjectKey,
    names: Candidates,
    options: WriteOptions & { readonly ifMatch?: ObjectVersion },
  ): Promise<ObjectInfo> {
    return copyObject(this.#context, from, names, options);
  }

  undo(key: ObjectKey, writeId: WriteId, options: UndoOptions = {}): Promise<UndoResult> {
    return undo(this.#context, key, writeId, options);
  }

  async findWrite(
    key: ObjectKey,
    writeId: WriteId,
    options: CallOptions = {},
  ): Promise<ObjectInfo | undefined> {
    const info = await this.#head('findWrite', key, options);
    return info?.writeId === writeId ? info : undefined;
  }

  read(key: ObjectKey, options: ReadOptions = {}): Promise<ReadResult> {
    return openObject(this.#connection, key, options);
  }

  stat(key: ObjectKey, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    return this.#head('stat', key, options);
  }

  remove(key: ObjectKey, options: CallOptions & { readonly ifMatch?: ObjectVersion } = {}): Promise<boolean> {
    return removeObject(this.#context, key, options);
  }

  removeMany(
    keys: readonly ObjectKey[],
    options: CallOptions = {},
  ): Promise<ReadonlyMap<ObjectKey, unknown>> {
    return removeObjects(this.#context, keys, options);
  }

  list(options: ListOptions): AsyncIterable<ListPage> {
    return listObjects(this.#connection, options, ({ key, sizeBytes }) =>
      isMarker(this.#marker, key, sizeBytes),
    );
  }

  /** @throws `unsupported` while the address of a given client is not known yet. */
  publicUrl(key: ObjectKey): string {
    return publicUrl(this.#urlContext.address, key);
  }

  signUrl(key: ObjectKey, options: UrlOptions): Promise<string> {
    return signUrl(this.#urlContext, key, options);
  }

  signUpload(key: ObjectKey, options: SignedUploadOptions): Promise<SignedUpload<BoundOnS3>> {
    return signUpload(this.#urlContext, key, options);
  }

  /** Finds out which conditions the server keeps; it writes and removes an object of its own. */
  probe(options: CallOptions = {}): Promise<ProbeResult> {
    return probe(this.#context, options);
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  async #head(operation: string, key: ObjectKey, { signal }: CallOptions): Promise<ObjectInfo | undefined> {
    const headers = await this.#connection.asksForChecksum();
    const head = await this.#connection.sendIfThere(
      new HeadObjectCommand({ Bucket: this.#connection.bucket, Key: key }),
      { operation, name: key, signal, headers },
    );
    return head && objectInfo(key, head);
  }
}

// Not in the class: an isolated declaration cannot name it.
Object.defineProperty(S3Backend.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: S3Backend): string {
    return `S3Backend ${JSON.stringify(this.id)}`;
  },
});
