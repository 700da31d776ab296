import type { IncomingMessage } from 'node:http';
import type { CallOptions } from '@fieldfile/storage';
import { type ObjectName, objectName, type WriteOptions } from '@fieldfile/storage/backend';
import { isMissingObject } from './errors.ts';
import { asResource, FIELDS, isReservation, type Resource, WRITE_ID } from './resource.ts';
import { NotAStoreError } from './service-error.ts';
import type { Transport } from './transport.ts';

/** What a call is part of, and its signal. */
export interface CallContext extends CallOptions {
  readonly operation: string;
}

/** Only if the object is of this generation; `'0'`: only if there is none. */
export interface Condition {
  readonly ifGenerationMatch?: string | undefined;
}

/** What an object shall be beside its bytes: the JSON API's own fields. */
export type Attributes = Readonly<Record<string, unknown>>;

export interface BucketOptions {
  readonly bucketName: string;
  /** The project that pays. */
  readonly userProject?: string | undefined;
  readonly predefinedAcl?: string | undefined;
  readonly kmsKeyName?: string | undefined;
}

/** Some bytes of an upload. */
export interface UploadPart {
  readonly chunks: readonly Uint8Array[];
  readonly offset: number;
  readonly sizeBytes: number;
  /** With the last part. */
  readonly total?: number | undefined;
  readonly crc32c?: string | undefined;
}

/** How far an upload is: the object, or the bytes that are kept of it. */
export type UploadState = { readonly resource: Resource } | { readonly receivedBytes: number };

/** Parts are multiples of this, but for the last. */
export const UPLOAD_QUANTUM_BYTES: number = 256 * 1024;

const LIMITS = { maxNameBytes: 1024, maxObjectBytes: 0, maxStreamBytes: 0 };

type Query = Readonly<Record<string, string | undefined>>;

/** One bucket's calls of the JSON API, and the XML API's download, which alone brings the metadata along with the bytes. */
export class Bucket {
  readonly #transport: Transport;
  readonly #options: BucketOptions;

  constructor(transport: Transport, options: BucketOptions) {
    this.#transport = transport;
    this.#options = options;
  }

  /** The bucket, where what is written gets the visibility that is asked for. */
  giving({ visibility }: Pick<WriteOptions, 'visibility'>): Bucket {
    if (visibility === undefined) return this;
    const predefinedAcl = visibility === 'public' ? 'publicRead' : 'private';
    return new Bucket(this.#transport, { ...this.#options, predefinedAcl });
  }

  /** The object's description, also of a reservation; undefined when there is none. */
  async find(name: ObjectName, context: CallContext): Promise<Resource | undefined> {
    try {
      const url = this.#url(`/storage/v1${this.#object(name)}`, { fields: FIELDS });
      return asResource(await this.#transport.json({ method: 'GET', url, ...context }));
    } catch (error) {
      if (isMissingObject(error)) return undefined;
      throw error;
    }
  }

  /** The whole object which that write made. */
  async findWrite(name: ObjectName, writeId: string, context: CallContext): Promise<Resource | undefined> {
    const resource = await this.find(name, context);
    return resource && !isReservation(resource) && resource.metadata?.[WRITE_ID] === writeId
      ? resource
      : undefined;
  }

  /** The object in one request. */
  async insert(
    name: ObjectName,
    bytes: readonly Uint8Array[],
    attributes: Attributes,
    condition: Condition,
    context: CallContext,
  ): Promise<Resource> {
    const boundary = crypto.randomUUID();
    const part = (type: unknown): string => `--${boundary}\r\ncontent-type: ${type}\r\n\r\n`;
    const head = `${part('application/json; charset=UTF-8')}${JSON.stringify(attributes)}\r\n${part(attributes.contentType)}`;
    const body = [Buffer.from(head), ...bytes, Buffer.from(`\r\n--${boundary}--\r\n`)];
    const length = body.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const resource = await this.#transport.json({
      method: 'POST',
      url: this.#uploadUrl('multipart', name, condition),
      headers: {
        'content-type': `multipart/related; boundary=${boundary}`,
        'content-length': String(length),
      },
      body,
      ...context,
    });
    return asResource(resource);
  }

  /**
   * Begins an upload in pieces.
   *
   * @param context with the `origin` of the page that will send the pieces: the service answers those of this one only.
   * @returns its address, which is a permission, too: never show it.
   */
  async startUpload(
    name: ObjectName,
    sizeBytes: number | undefined,
    attributes: Attributes,
    condition: Condition,
    { origin, ...context }: CallContext & { readonly origin?: string },
  ): Promise<string> {
    const body = Buffer.from(JSON.stringify(attributes));
    const answer = await this.#transport.send({
      method: 'POST',
      url: this.#uploadUrl('resumable', name, condition),
      headers: {
        'content-type': 'application/json; charset=UTF-8',
        'content-length': String(body.byteLength),
        'x-upload-content-type': String(attributes.contentType),
        ...(sizeBytes === undefined ? {} : { 'x-upload-content-length': String(sizeBytes) }),
        ...(origin === undefined ? {} : { origin }),
      },
      body: [body],
      ...context,
    });
    answer.resume();
    const { location } = answer.headers;
    if (location === undefined || !URL.canParse(location))
      throw new NotAStoreError('the answer has no address to upload to');
    return location;
  }

  /**
   * Sends a part of an upload, a whole number of {@link UPLOAD_QUANTUM_BYTES} but for the last. The last says how many
   * bytes there are in all, and their checksum: the service makes the object of them, or refuses.
   */
  async uploadPart(
    address: string,
    { chunks, offset, sizeBytes, total, crc32c }: UploadPart,
    context: CallContext,
  ): Promise<UploadState> {
    const range = sizeBytes === 0 ? '*' : `${offset}-${offset + sizeBytes - 1}`;
    const headers = {
      'content-range': `bytes ${range}/${total ?? '*'}`,
      'content-length': String(sizeBytes),
      ...(crc32c === undefined ? {} : { 'x-goog-hash': `crc32c=${crc32c}` }),
    };
    const call = {
      method: 'PUT',
      url: address,
      authorized: false,
      headers,
      body: chunks,
      ...context,
    } as const;
    const answer = await this.#transport.send(call, [308]);
    if (answer.statusCode !== 308) return { resource: asResource(await this.#transport.read(answer)) };
    answer.resume();
    return { receivedBytes: Number(answer.headers.range?.split('-')[1] ?? -1) + 1 };
  }

  /** Gives an upload up. 499 is the service's word for done. */
  async cancelUpload(address: string, context: CallContext): Promise<void> {
    const call = { method: 'DELETE', url: address, authorized: false, ...context } as const;
    const answer = await this.#transport.send(
      { ...call, headers: { 'content-length': '0' } },
      [404, 410, 499],
    );
    answer.resume();
  }

  /** @returns false when there was none. */
  async delete(name: ObjectName, condition: Condition, context: CallContext): Promise<boolean> {
    try {
      const url = this.#url(`/storage/v1${this.#object(name)}`, { ...condition });
      (await this.#transport.send({ method: 'DELETE', url, ...context })).resume();
      return true;
    } catch (error) {
      if (isMissingObject(error)) return false;
      throw error;
    }
  }

  /** Copies that generation within the service. */
  async rewrite(
    from: ObjectName,
    generation: string,
    to: ObjectName,
    attributes: Attributes,
    condition: Condition,
    context: CallContext,
  ): Promise<Resource> {
    const { predefinedAcl, kmsKeyName } = this.#options;
    const body = Buffer.from(JSON.stringify(attributes));
    let rewriteToken: string | undefined;
    for (;;) {
      const answer = await this.#transport.json({
        method: 'POST',
        url: this.#url(`/storage/v1${this.#object(from)}/rewriteTo${this.#object(to)}`, {
          ...condition,
          sourceGeneration: generation,
          destinationPredefinedAcl: predefinedAcl,
          destinationKmsKeyName: kmsKeyName,
          rewriteToken,
          fields: `done,rewriteToken,resource(${FIELDS})`,
        }),
        headers: {
          'content-type': 'application/json; charset=UTF-8',
          'content-length': String(body.byteLength),
        },
        body: [body],
        ...context,
      });
      if (answer.done === true) return asResource(answer.resource);
      if (typeof answer.rewriteToken !== 'string')
        throw new NotAStoreError('the answer is no part of a copy');
      rewriteToken = answer.rewriteToken;
    }
  }

  /** Makes one object of up to 32, each of that generation. */
  async compose(
    to: ObjectName,
    sources: readonly { readonly name: ObjectName; readonly generation: string }[],
    attributes: Attributes,
    condition: Condition,
    context: CallContext,
  ): Promise<Resource> {
    const { predefinedAcl, kmsKeyName } = this.#options;
    const body = Buffer.from(JSON.stringify({ sourceObjects: sources, destination: attributes }));
    const resource = await this.#transport.json({
      method: 'POST',
      url: this.#url(`/storage/v1${this.#object(to)}/compose`, {
        ...condition,
        destinationPredefinedAcl: predefinedAcl,
        kmsKeyName,
        fields: FIELDS,
      }),
      headers: {
        'content-type': 'application/json; charset=UTF-8',
        'content-length': String(body.byteLength),
      },
      body: [body],
      ...context,
    });
    return asResource(resource);
  }

  /** Every attribute of an object, to give to another. */
  async attributes(name: ObjectName, context: CallContext): Promise<Attributes | undefined> {
    try {
      const url = this.#url(`/storage/v1${this.#object(name)}`, {});
      return await this.#transport.json({ method: 'GET', url, ...context });
    } catch (error) {
      if (isMissingObject(error)) return undefined;
      throw error;
    }
  }

  /** One page of a listing. */
  async list(query: Query, context: CallContext): Promise<Record<string, unknown>> {
    const url = this.#url(`/storage/v1${this.#path}/o`, query);
    return this.#transport.json({ method: 'GET', url, ...context });
  }

  /** Whether a download brings the metadata along. An emulator that takes no credentials may not offer the XML API. */
  get downloadsDescribe(): boolean {
    return !this.#transport.isAnonymous;
  }

  /** The bytes: 200, 206, or 416 for a range that begins behind them. Read the answer, or destroy it. */
  download(
    name: ObjectName,
    range: string | undefined,
    { ifGenerationMatch }: Condition,
    context: CallContext,
  ): Promise<IncomingMessage> {
    const headers = {
      // Or the service would decompress what is stored with that encoding, in another length than it says.
      'accept-encoding': 'gzip',
      ...(range === undefined ? {} : { range }),
    };
    if (!this.downloadsDescribe) {
      const url = this.#url(`/storage/v1${this.#object(name)}`, { alt: 'media', ifGenerationMatch });
      return this.#transport.send({ method: 'GET', url, headers, isMedia: true, ...context }, [416]);
    }
    const { bucketName, userProject } = this.#options;
    const path = checked(name, context.operation, bucketName).split('/').map(encode).join('/');
    const url = `${this.#transport.endpoint}/${encode(bucketName)}/${path}`;
    const conditions = {
      ...(ifGenerationMatch === undefined ? {} : { 'x-goog-if-generation-match': ifGenerationMatch }),
      ...(userProject === undefined ? {} : { 'x-goog-user-project': userProject }),
    };
    return this.#transport.send(
      { method: 'GET', url, headers: { ...headers, ...conditions }, isMedia: true, ...context },
      [416],
    );
  }

  get #path(): string {
    return `/b/${encode(this.#options.bucketName)}`;
  }

  #object(name: ObjectName): string {
    return `${this.#path}/o/${encode(checked(name, 'request', this.#options.bucketName))}`;
  }

  #uploadUrl(uploadType: string, name: ObjectName, condition: Condition): string {
    const { predefinedAcl, kmsKeyName, bucketName } = this.#options;
    return this.#url(`/upload/storage/v1${this.#path}/o`, {
      uploadType,
      name: checked(name, 'upload', bucketName),
      ...condition,
      predefinedAcl,
      kmsKeyName,
      fields: FIELDS,
    });
  }

  #url(path: string, query: Query): string {
    const parameters = Object.entries({ ...query, userProject: this.#options.userProject })
      .filter((entry): entry is [string, string] => entry[1] !== undefined)
      .map(([name, value]) => `${name}=${encode(value)}`);
    return `${this.#transport.endpoint}${path}${parameters.length > 0 ? '?' : ''}${parameters.join('&')}`;
  }
}

/**
 * The second lock on the one door. A name `..` or `.` or an empty one in a URL's path would not be an object: it would be
 * the bucket, and a delete of it the end of it (`file('..').delete()` of the SDK). Whatever builds a URL from a name
 * passes here, whatever was checked before.
 */
export function checked(name: ObjectName, operation: string, bucketName: string): ObjectName {
  return objectName(name, LIMITS, operation, `gcs:${bucketName}`);
}

const encode = encodeURIComponent;
