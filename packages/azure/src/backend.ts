import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import {
  type Backend,
  type CallOptions,
  type ErrorCode,
  FieldFileError,
  type ObjectInfo,
  type ObjectVersion,
  type PublishesUrls,
  type SignedUpload,
  type SignedUploadOptions,
  type SignsUploads,
  type SignsUrls,
  type Source,
  type UrlKind,
  type UrlOptions,
  type WriteId,
} from '@fieldfile/storage';
import {
  type BackendLimits,
  type Candidates,
  checkObjectParameters,
  contentDisposition,
  contentTypeOf,
  type ListOptions,
  type ListOrder,
  type ListPage,
  type ObjectName,
  type Place,
  type ReadOptions,
  type ReadResult,
  type ReplaceOptions,
  responseHeaders,
  throwIfAborted,
  type UndoOptions,
  type UndoResult,
  type UploadedOptions,
  type UploadTarget,
  type UrlMethod,
  type WriteOptions,
  type WritesParts,
  withoutUser,
} from '@fieldfile/storage/backend';
import { MAX_BLOCKS } from './blocks.ts';
import { containerClient } from './client.ts';
import type { AzureContext, BlobAttributes, CopySource } from './context.ts';
import { copyBlob } from './copy.ts';
import { isAbsent, toFieldFileError } from './errors.ts';
import { identityOf } from './identity.ts';
import { listBlobs } from './list.ts';
import { toBlobMetadata } from './metadata.ts';
import { etagOf, isReservation, objectInfo, told } from './object-info.ts';
import {
  type AzureStorageOptions,
  checkOptions,
  type ObjectParameters,
  type TransferSettings,
  transferSettings,
} from './options.ts';
import { AzureParts } from './parts.ts';
import { placeUpload } from './place-upload.ts';
import { openBlob } from './read.ts';
import { type Deletion, removeBlobs } from './remove-many.ts';
import { type CallSettings, request } from './request.ts';
import { INTERNAL, stagingKey } from './staging.ts';
import { undoWrite } from './undo.ts';
import { createBlob, replaceBlob } from './upload.ts';
import { uploadHeaders } from './upload-headers.ts';
import { addressOf, objectsUrl, Signer } from './url.ts';

/** What a signed upload to Azure binds. Length, type and digest are for whoever accepts the upload to verify. */
export type BoundOnAzure = 'method' | 'name' | 'expiry' | 'no-overwrite';

const MAX_OBJECT_BYTES = MAX_BLOCKS * 4000 * 1024 * 1024;

/** The service takes so many segments in a name. */
const MAX_SEGMENTS = 254;

/** A {@link Backend} over one container of Azure Blob Storage. */
export class AzureBackend
  implements Backend, PublishesUrls, SignsUrls, SignsUploads<BoundOnAzure>, WritesParts
{
  readonly id: string;
  readonly formerIds: readonly string[];
  readonly place: Place;
  readonly limits: BackendLimits;
  readonly listOrder: ListOrder;
  readonly keepsContentEncoding = true;
  readonly cannot: readonly UrlMethod[];
  readonly urls: UrlKind | undefined;
  readonly parts: AzureParts;
  readonly #options: AzureStorageOptions;
  readonly #container: ContainerClient;
  readonly #settings: TransferSettings;
  readonly #signer: Signer;
  readonly #baseUrl: string;
  readonly #context: AzureContext;

  /** @throws `invalid-argument`, naming the option and the fix. */
  constructor(options: AzureStorageOptions) {
    checkOptions(options);
    this.#options = options;
    this.#settings = transferSettings(options);
    this.#container = containerClient(options);
    this.#signer = new Signer(this.#container, options.expiryStepSeconds);
    this.cannot = this.#signer.canSign ? [] : ['signUrl', 'signUpload'];
    this.urls = options.urls;
    this.#baseUrl = objectsUrl(this.#container, options.customDomain);
    const { id, formerIds, place } = identityOf(this.#container, options);
    this.id = id;
    this.formerIds = formerIds;
    this.place = place;
    this.listOrder = options.listOrder ?? (this.#container.accountName === EMULATOR ? 'utf-16' : 'utf-8');
    this.limits = {
      maxNameBytes: 1024,
      maxObjectBytes: MAX_OBJECT_BYTES,
      maxStreamBytes: this.#settings.blockSizeBytes * MAX_BLOCKS,
      refusesBackslash: true,
      reservedSegments: [INTERNAL],
    };
    this.#context = {
      settings: this.#settings,
      clientRepeats: options.client !== undefined,
      blob: name => this.#blob(name),
      attributes: (name, write) => this.#attributes(name, write),
      copySource: name => this.#copySource(name),
      takenAway: name =>
        this.#error('conflict', 'create', name, 'its name was taken from it while it was uploaded'),
      explain: (error, operation, name) => this.#explain(error, operation, name),
    };
    this.parts = new AzureParts(this.#context, {
      run: (operation, name, act) => this.#run(operation, name, act),
      candidates: names => this.#checked(names),
      write: options => this.#checkWrite(options),
      undone: (operation, name) =>
        this.#error('conflict', operation, name, 'the write was undone, or is complete'),
    });
  }

  create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    return this.#run('create', names.first, () =>
      createBlob(this.#context, source, this.#checked(names), this.#checkWrite(options)),
    );
  }

  replace(name: ObjectName, source: Source, options: ReplaceOptions): Promise<ObjectInfo> {
    return this.#run('replace', name, () =>
      replaceBlob(this.#context, source, name, this.#checkWrite(options)),
    );
  }

  copy(
    from: ObjectName,
    names: Candidates,
    options: WriteOptions & { readonly ifMatch?: ObjectVersion },
  ): Promise<ObjectInfo> {
    return this.#run('copy', from, () =>
      copyBlob(this.#context, from, this.#checked(names), this.#checkWrite(options), () =>
        this.#notFound('copy', from),
      ),
    );
  }

  undo(name: ObjectName, writeId: WriteId, options: UndoOptions = {}): Promise<UndoResult> {
    return this.#run('undo', name, () => undoWrite(this.#context, name, writeId, options));
  }

  read(name: ObjectName, options: ReadOptions = {}): Promise<ReadResult> {
    return this.#run('read', name, () =>
      openBlob(this.#blob(name), name, options, {
        timeoutMs: this.#settings.timeoutMs,
        explain: error => this.#explain(error, 'read', name),
        notFound: () => this.#notFound('read', name),
      }),
    );
  }

  info(name: ObjectName, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    return this.#run('info', name, async () => {
      try {
        const found = told(
          await request(this.#call('info', options), abortSignal =>
            this.#blob(name).getProperties({ abortSignal }),
          ),
        );
        if (isReservation(found.contentType)) return undefined;
        return objectInfo(name, found.contentLength ?? 0, found);
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    });
  }

  remove(
    name: ObjectName,
    options: CallOptions & { readonly ifMatch?: ObjectVersion } = {},
  ): Promise<boolean> {
    return this.#run('remove', name, async () => {
      const conditions = options.ifMatch === undefined ? {} : { ifMatch: etagOf(options.ifMatch) };
      try {
        await request(this.#call('remove', options), abortSignal =>
          this.#blob(name).delete({ abortSignal, conditions, ...this.#deletion }),
        );
        return true;
      } catch (error) {
        if (isAbsent(error)) return false;
        throw error;
      }
    });
  }

  async removeMany(
    names: readonly ObjectName[],
    options: CallOptions = {},
  ): Promise<ReadonlyMap<ObjectName, unknown>> {
    try {
      const call = this.#call('removeMany', options);
      return await removeBlobs(this.#container, names, this.#deletion, call, (error, name) =>
        this.#explain(error, 'removeMany', name),
      );
    } catch (error) {
      throw this.#explain(error, 'removeMany');
    }
  }

  async *list(options: ListOptions): AsyncGenerator<ListPage, void, undefined> {
    try {
      yield* listBlobs(this.#container, options, {
        order: this.listOrder,
        timeoutMs: this.#settings.timeoutMs,
        storage: this.id,
      });
    } catch (error) {
      throw this.#explain(error, 'list');
    }
  }

  /** Anybody may read there only if the container allows it. */
  publicUrl(name: ObjectName): string {
    this.#checkKey('publicUrl', name);
    return addressOf(this.#baseUrl, name);
  }

  /** @throws `unsupported` for a client that cannot sign: one that has only a shared access signature, or nothing. */
  signUrl(name: ObjectName, options: UrlOptions): Promise<string> {
    const { expiresInSeconds, contentType } = options;
    return this.#sign('signUrl', name, {
      permission: 'r',
      expiresInSeconds,
      contentType,
      contentDisposition: contentDisposition(options),
      headers: responseHeaders(options),
    });
  }

  /**
   * A `PUT` that creates and never overwrites. No signature binds what it `replaces`: such an upload goes aside. What the storage gives every object is told in its headers; of that the
   * signature binds the encryption scope alone.
   *
   * @throws `unsupported` as {@link signUrl}.
   */
  async signUpload(name: ObjectName, options: SignedUploadOptions): Promise<SignedUpload<BoundOnAzure>> {
    const { expiresInSeconds, replaces } = options;
    const parameters = this.#parametersOf(name);
    const headers = uploadHeaders(parameters, options);
    const { encryptionScope, tags } = parameters;
    return {
      method: 'PUT',
      url: await this.#sign('signUpload', replaces ? stagingKey(replaces.writeId) : name, {
        permission: 'c',
        expiresInSeconds,
        isExact: true,
        tags: tags !== undefined,
        encryptionScope,
      }),
      headers,
      enforced: new Set<BoundOnAzure>(['method', 'name', 'expiry', 'no-overwrite']),
    };
  }

  /** The service copies what is aside; its own headers stay, so that whoever accepts the upload verifies them. */
  placeUpload(name: ObjectName, target: UploadTarget, options: UploadedOptions): Promise<ObjectInfo> {
    return this.#run('placeUpload', name, () => placeUpload(this.#context, name, target, options));
  }

  #sign(
    operation: string,
    name: ObjectName,
    grant: Omit<Parameters<Signer['sign']>[0], 'name'>,
  ): Promise<string> {
    return this.#run(operation, name, async () => {
      if (!this.#signer.canSign)
        throw new FieldFileError(
          'unsupported',
          `Storage "${this.id}" cannot sign: construct it with accountKey or tokenCredential (${operation}).`,
          { operation, storage: this.id, name },
        );
      return `${addressOf(this.#baseUrl, name)}?${await this.#signer.sign({ ...grant, name })}`;
    });
  }

  get #deletion(): Deletion {
    return this.#options.deleteSnapshots ? { deleteSnapshots: 'include' } : {};
  }

  #blob(name: ObjectName): BlockBlobClient {
    return this.#container.getBlockBlobClient(name);
  }

  #call(operation: string, { signal }: CallOptions): CallSettings {
    return { operation, signal, timeoutMs: this.#settings.timeoutMs };
  }

  #attributes(name: ObjectName, options: WriteOptions): BlobAttributes {
    const { defaultContentType = 'application/octet-stream' } = this.#options;
    const parameters = this.#parametersOf(name);
    const cacheControl = options.cacheControl ?? parameters.cacheControl;
    const contentDisposition = options.contentDisposition ?? parameters.contentDisposition;
    const contentEncoding = options.contentEncoding ?? parameters.contentEncoding;
    const { contentLanguage, tier, tags, encryptionScope } = parameters;
    return {
      writeId: options.writeId,
      stored: {
        metadata: toBlobMetadata(options.writeId, options.metadata),
        blobHTTPHeaders: {
          blobContentType: options.contentType ?? contentTypeOf(name) ?? defaultContentType,
          ...(cacheControl === undefined ? {} : { blobCacheControl: cacheControl }),
          ...(contentDisposition === undefined ? {} : { blobContentDisposition: contentDisposition }),
          ...(contentEncoding === undefined ? {} : { blobContentEncoding: contentEncoding }),
          ...(contentLanguage === undefined ? {} : { blobContentLanguage: contentLanguage }),
        },
        ...(tier === undefined ? {} : { tier }),
        ...(tags === undefined ? {} : { tags }),
        ...(encryptionScope === undefined ? {} : { encryptionScope }),
      },
    };
  }

  #parametersOf(name: ObjectName): ObjectParameters {
    const { objectParameters = {}, cacheControl } = this.#options;
    const parameters = typeof objectParameters === 'function' ? objectParameters(name) : objectParameters;
    checkObjectParameters(parameters);
    if (cacheControl === undefined || parameters.cacheControl !== undefined) return parameters;
    return { ...parameters, cacheControl };
  }

  /** The service reads the original by a signature of its own, by the user's token, or by the one the client has. */
  async #copySource(name: ObjectName): Promise<CopySource> {
    const url = withoutUser(this.#blob(name).url);
    const { credential } = this.#container;
    if ('getToken' in credential) {
      const token = await credential.getToken(STORAGE_SCOPE);
      if (token) return { url, sourceAuthorization: { scheme: 'Bearer', value: token.token } };
    }
    if (!this.#signer.canSign) return { url };
    const query = await this.#signer.sign({ name, permission: 'r', expiresInSeconds: COPY_SECONDS });
    return { url: `${url}?${query}` };
  }

  async #run<T>(operation: string, name: ObjectName, act: () => Promise<T>): Promise<T> {
    try {
      this.#checkKey(operation, name);
      return await act();
    } catch (error) {
      throw this.#explain(error, operation, name);
    }
  }

  #explain(error: unknown, operation: string, name?: ObjectName): unknown {
    const { containerName: container } = this.#container;
    return toFieldFileError(error, { operation, storage: this.id, container, name });
  }

  #notFound(operation: string, name: ObjectName): FieldFileError {
    return this.#error('not-found', operation, name, 'it does not exist');
  }

  #error(code: ErrorCode, operation: string, name: ObjectName, what: string): FieldFileError {
    return new FieldFileError(
      code,
      `${JSON.stringify(name)} on storage "${this.id}": ${what} (${operation}).`,
      { operation, storage: this.id, name },
    );
  }

  #checkKey(operation: string, name: ObjectName): ObjectName {
    if (name.length < 2 * MAX_SEGMENTS || name.split('/').length <= MAX_SEGMENTS) return name;
    throw new FieldFileError(
      'name-too-long',
      `${JSON.stringify(name)} is no object name: at most ${MAX_SEGMENTS} segments between "/" fit (${operation}).`,
      { operation, storage: this.id, name },
    );
  }

  #checked(names: Candidates): Candidates {
    return {
      first: names.first,
      next: async refused => this.#checkKey('create', await names.next(refused)),
    };
  }

  /** Block ids hold the write id, and headers its text. */
  #checkWrite<O extends WriteOptions>(options: O): O {
    throwIfAborted(options.signal, 'write');
    const { writeId, contentType, cacheControl, contentDisposition } = options;
    const refuse = (what: string, fix: string): never => {
      throw new FieldFileError('invalid-argument', `${what} cannot be used on Azure: ${fix}.`, {
        storage: this.id,
      });
    };
    if (!/^[\w-]{1,58}$/.test(writeId))
      refuse(`The write id ${JSON.stringify(writeId)}`, 'give 1 to 58 letters, digits, "_" and "-"');
    for (const [name, text] of Object.entries({ contentType, cacheControl, contentDisposition }))
      if (text !== undefined && !/^[\x20-\x7e]*$/.test(text))
        refuse(`${name} ${JSON.stringify(text)}`, "give ASCII, and a file name as filename*=UTF-8''…");
    return options;
  }
}

/** The account of the emulator, whose listings have another order than the service's. */
const EMULATOR = 'devstoreaccount1';

const STORAGE_SCOPE = 'https://storage.azure.com/.default';

/** How long the service may take to read an original. */
const COPY_SECONDS = 3600;
