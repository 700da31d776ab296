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
  ObjectName,
  Place,
  ReadOptions,
  ReadResult,
  ReplaceOptions,
  UndoOptions,
  UndoResult,
  UrlMethod,
  WriteOptions,
  WritesParts,
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
import { S3Parts } from './parted-writes.ts';
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

/** A {@link Backend} over a bucket. Its names are whole names: `location` only says where its marker is. See `S3Storage`. */
export class S3Backend implements Backend, PublishesUrls, SignsUrls, SignsUploads<BoundOnS3>, WritesParts {
  readonly id: string;
  readonly formerIds: readonly string[];
  readonly place: Place;
  readonly limits: BackendLimits;
  readonly listOrder = 'utf-8';
  readonly keepsContentEncoding = true;
  readonly keepsVisibility = true;
  readonly cannot: readonly UrlMethod[];
  readonly urls: UrlKind | undefined;
  readonly parts: S3Parts;
  readonly #options: S3StorageOptions;
  readonly #connection: Connection;
  readonly #context: WriteContext;
  readonly #marker: ObjectName;
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
    // No URL can carry the name without which the service reads nothing.
    this.cannot = options.sseCustomerKey ? ['publicUrl', 'signUrl', 'signUpload'] : [];
    this.urls = options.urls;
    this.#connection = new Connection(options);
    const { id, formerIds, place } = this.#connection.identity;
    this.id = id;
    this.formerIds = formerIds;
    this.place = place;
    this.limits = {
      maxNameBytes: 1024,
      maxObjectBytes: 10_000 * 5 * GIBIBYTE,
      maxStreamBytes: 10_000 * partSizeBytes,
      ...(options.location ? {} : { reservedSegments: [MARKER] }),
    };
    this.#marker = markerKey(options.location);
    const parametersOf = (name: ObjectName): ObjectParameters => {
      const parameters = typeof objectParameters === 'function' ? objectParameters(name) : objectParameters;
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
    const { maxPutBytes } = limits;
    const urls = { connection: this.#connection, options, address, conditions, parametersOf };
    this.#urlContext = { ...urls, maxPutBytes };
    this.parts = new S3Parts(this.#context, options.sseCustomerKey ? undefined : this.#urlContext);
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

  replace(name: ObjectName, source: Source, options: ReplaceOptions): Promise<ObjectInfo> {
    return replaceObject(this.#context, name, source, options);
  }

  copy(
    from: ObjectName,
    names: Candidates,
    options: WriteOptions & { readonly ifMatch?: ObjectVersion },
  ): Promise<ObjectInfo> {
    return copyObject(this.#context, from, names, options);
  }

  undo(name: ObjectName, writeId: WriteId, options: UndoOptions = {}): Promise<UndoResult> {
    return undo(this.#context, name, writeId, options);
  }

  async findWrite(
    name: ObjectName,
    writeId: WriteId,
    options: CallOptions = {},
  ): Promise<ObjectInfo | undefined> {
    const info = await this.#head('findWrite', name, options);
    return info?.writeId === writeId ? info : undefined;
  }

  read(name: ObjectName, options: ReadOptions = {}): Promise<ReadResult> {
    return openObject(this.#connection, name, options);
  }

  info(name: ObjectName, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    return this.#head('info', name, options);
  }

  remove(
    name: ObjectName,
    options: CallOptions & { readonly ifMatch?: ObjectVersion } = {},
  ): Promise<boolean> {
    return removeObject(this.#context, name, options);
  }

  removeMany(
    names: readonly ObjectName[],
    options: CallOptions = {},
  ): Promise<ReadonlyMap<ObjectName, unknown>> {
    return removeObjects(this.#context, names, options);
  }

  list(options: ListOptions): AsyncIterable<ListPage> {
    return listObjects(this.#connection, options, ({ name, sizeBytes }) =>
      isMarker(this.#marker, name, sizeBytes),
    );
  }

  /** @throws `unsupported` while the address of a given client is not known yet. */
  publicUrl(name: ObjectName): string {
    return publicUrl(this.#urlContext.address, name);
  }

  signUrl(name: ObjectName, options: UrlOptions): Promise<string> {
    return signUrl(this.#urlContext, name, options);
  }

  signUpload(name: ObjectName, options: SignedUploadOptions): Promise<SignedUpload<BoundOnS3>> {
    return signUpload(this.#urlContext, name, options);
  }

  /** Finds out which conditions the server keeps; it writes and removes an object of its own. */
  probe(options: CallOptions = {}): Promise<ProbeResult> {
    return probe(this.#context, options);
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  async #head(operation: string, name: ObjectName, { signal }: CallOptions): Promise<ObjectInfo | undefined> {
    const headers = await this.#connection.asksForChecksum();
    const head = await this.#connection.sendIfThere(
      new HeadObjectCommand({ Bucket: this.#connection.bucket, Key: name }),
      { operation, name, signal, headers },
    );
    return head && objectInfo(name, head);
  }
}

// Not in the class: an isolated declaration cannot name it.
Object.defineProperty(S3Backend.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: S3Backend): string {
    return `S3Backend ${JSON.stringify(this.id)}`;
  },
});
