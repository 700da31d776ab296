import { PutObjectCommand, type PutObjectCommandOutput } from '@aws-sdk/client-s3';
import {
  type FieldFileError,
  isFieldFileError,
  type ObjectInfo,
  type ObjectVersion,
  type RetryOptions,
  type UploadProgress,
} from '@fieldfile/storage';
import {
  contentTypeOf,
  type KeptBeginning,
  type ObjectName,
  type WriteOptions,
  withRetries,
} from '@fieldfile/storage/backend';
import type { Conditions } from './conditions.ts';
import type { Answer, Connection } from './connection.ts';
import { aborted, withApplied } from './errors.ts';
import { encodeMetadata } from './metadata.ts';
import { digestOf, encodingOf } from './object-info.ts';
import type { ObjectParameters } from './options.ts';
import type { Part } from './parts.ts';
import { bodyOf, crc32Of, endingWell, streamOf } from './request-body.ts';
import { Stop } from './stop.ts';

/** What every write of a storage has in common. */
export interface WriteContext {
  readonly connection: Connection;
  readonly parametersOf: (name: ObjectName) => ObjectParameters;
  readonly conditions: Conditions;
  readonly partSizeBytes: number;
  readonly queueSize: number;
  readonly retry: RetryOptions;
  /** Ids of the multi-part uploads that are being sent. */
  readonly liveUploads: Set<string>;
  /** Of one PutObject. */
  readonly maxPutBytes: number;
  /** Of one CopyObject, and of one UploadPartCopy. */
  readonly maxCopyBytes: number;
}

/** On what a write depends. */
export interface Condition {
  readonly IfNoneMatch?: '*';
  readonly IfMatch?: ObjectVersion;
}

/** A write that may not overwrite met an object. Told apart from whatever the content's own stream throws. */
export class NameTaken extends Error {}

export const NOBODY_HAS_IT: Condition = { IfNoneMatch: '*' };

/** One object to be written. */
export interface Target {
  readonly operation: 'create' | 'replace' | 'copy' | 'begin' | 'writePart' | 'complete';
  readonly name: ObjectName;
  readonly condition: Condition;
  readonly options: WriteOptions;
  readonly progress: Progress;
}

/** Content that comes bit by bit, of known length. */
export interface StreamedContent {
  readonly sizeBytes: number;
  open(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** What a request that makes an object says of it. */
export type ObjectHeaders = ObjectParameters & {
  readonly Bucket: string;
  readonly Key: ObjectName;
  readonly ContentType: string;
  readonly Metadata: Record<string, string>;
};

/** Headers of an object: the storage's parameters, and what this write says itself. */
export function headersOf(
  context: WriteContext,
  { name, options }: Pick<Target, 'name' | 'options'>,
): ObjectHeaders {
  const { contentType, contentEncoding, cacheControl, contentDisposition, visibility } = options;
  const { metadata = {}, writeId } = options;
  const parameters = context.parametersOf(name);
  return {
    Bucket: context.connection.bucket,
    Key: name,
    ...parameters,
    ContentType: contentType ?? parameters.ContentType ?? contentTypeOf(name) ?? 'application/octet-stream',
    ...(contentEncoding === undefined ? {} : { ContentEncoding: contentEncoding }),
    ...(cacheControl === undefined ? {} : { CacheControl: cacheControl }),
    ...(contentDisposition === undefined ? {} : { ContentDisposition: contentDisposition }),
    ...(visibility === undefined ? {} : { ACL: visibility === 'public' ? 'public-read' : 'private' }),
    Metadata: encodeMetadata(metadata, writeId),
  };
}

/** Stores what is in memory, as often as it takes. */
export async function putPart(context: WriteContext, target: Target, part: Part): Promise<ObjectInfo> {
  const { connection } = context;
  const checksum = (await connection.sendsChecksums()) ? { ChecksumCRC32: crc32Of(part.chunks) } : {};
  target.progress.restart();
  target.progress.add(part.sizeBytes);
  const output = await unlessApplied(context, target.options.signal, () => {
    const body = bodyOf(part.chunks, () => {});
    const isSent = (): boolean => body instanceof Uint8Array || body.readableEnded;
    return put(context, target, { Body: body, ContentLength: part.sizeBytes, ...checksum }, isSent);
  });
  return writtenInfo(context, target, part.sizeBytes, output);
}

/** Stores a stream in one request: the cheapest way there is. */
export async function putStream(
  context: WriteContext,
  target: Target,
  { sizeBytes, open }: StreamedContent,
): Promise<ObjectInfo> {
  using stop = new Stop(target.options.signal);
  target.progress.restart();
  const chunks = endingWell(open(stop.signal), chunk => target.progress.add(chunk.byteLength));
  const body = streamOf(chunks, stop.fail);
  const isSent = (): boolean => body.readableEnded;
  const watched = { ...target, options: { ...target.options, signal: stop.signal } };
  try {
    const output = await put(context, watched, { Body: body, ContentLength: sizeBytes }, isSent);
    return writtenInfo(context, target, sizeBytes, output);
  } catch (error) {
    throw stop.cause(error);
  } finally {
    body.destroy();
  }
}

/** Stores a stream in one request, and once more as long as nothing of it is lost. */
export function putKept(
  context: WriteContext,
  target: Target,
  sizeBytes: number,
  content: KeptBeginning,
): Promise<ObjectInfo> {
  const attempt = (): Promise<ObjectInfo> =>
    putStream(context, target, { sizeBytes, open: () => content.open() });
  return unlessApplied(context, target.options.signal, attempt, () => content.isWhole);
}

/**
 * The condition to send. Over a name that is held it is one more guard, and nothing where the server does not know it; what
 * depends on it was refused before.
 */
export async function keptCondition(
  { conditions }: Pick<WriteContext, 'conditions'>,
  write: 'putIfMatch' | 'complete',
  { operation, condition, options: { signal } }: Pick<Target, 'operation' | 'condition' | 'options'>,
): Promise<Condition> {
  if (condition.IfMatch === undefined) return condition;
  return (await conditions.keeps(write, { operation, signal })) ? condition : {};
}

async function put(
  { connection, ...context }: WriteContext,
  { operation, name, condition: wanted, options }: Omit<Target, 'progress'>,
  content: Pick<PutObjectCommand['input'], 'Body' | 'ContentLength' | 'ChecksumCRC32'>,
  isSent: () => boolean,
): Promise<Answer<PutObjectCommandOutput>> {
  const headers = headersOf({ connection, ...context }, { name, options });
  const call = { operation, name, signal: options.signal, writes: true, isSent };
  const condition = await keptCondition(context, 'putIfMatch', { operation, condition: wanted, options });
  try {
    const command = new PutObjectCommand({ ...headers, ...asSent(context, condition), ...content });
    const output = await connection.send(command, call);
    if (options.signal?.aborted) throw aborted(options.signal, connection.context(call));
    return output;
  } catch (error) {
    if (condition.IfNoneMatch && isFieldFileError(error, 'precondition')) throw new NameTaken();
    // Half a body is never stored.
    if (isFieldFileError(error) && error.applied === 'unknown' && !isSent())
      throw withApplied(error, false, error.cause);
    throw error;
  }
}

function asSent(
  { conditions }: Pick<WriteContext, 'conditions'>,
  { IfMatch, IfNoneMatch }: Condition,
): { IfMatch?: string; IfNoneMatch?: string } {
  if (IfMatch === undefined) return IfNoneMatch === undefined ? {} : { IfNoneMatch };
  return { IfMatch: conditions.etag(IfMatch) };
}

/** What is known of an object once it is written. */
export function writtenInfo(
  context: WriteContext,
  { name, options }: Pick<Target, 'name' | 'options'>,
  sizeBytes: number,
  output: {
    readonly ETag?: string | undefined;
    readonly ChecksumCRC32?: string | undefined;
    readonly answeredAt: Date;
  },
): ObjectInfo {
  const headers = headersOf(context, { name, options });
  const digest = digestOf(output);
  const contentEncoding = encodingOf(headers);
  return {
    name,
    sizeBytes,
    version: (output.ETag ?? '') as ObjectVersion,
    lastModified: output.answeredAt,
    contentType: headers.ContentType,
    ...(contentEncoding === undefined ? {} : { contentEncoding }),
    ...(headers.ContentDisposition === undefined ? {} : { contentDisposition: headers.ContentDisposition }),
    writeId: options.writeId,
    ...(digest === undefined ? {} : { digest }),
    metadata: { ...options.metadata },
  };
}

/** Repeats what failed without having happened. */
async function unlessApplied<T>(
  { retry }: Pick<WriteContext, 'retry'>,
  signal: AbortSignal | undefined,
  call: () => Promise<T>,
  isRepeatable: () => boolean = () => true,
): Promise<T> {
  let lost: FieldFileError | undefined;
  const result = await withRetries<T | undefined>(
    async () => {
      try {
        return await call();
      } catch (error) {
        if (!isFieldFileError(error) || (error.applied === false && isRepeatable())) throw error;
        lost = error;
        return undefined;
      }
    },
    retry,
    signal,
  );
  if (lost) throw lost;
  return result as T;
}

/** Tells how much was handed to the connection; content that is sent again tells nothing until it is beyond that. */
export class Progress {
  readonly #report: WriteOptions['onProgress'];
  readonly #totalBytes: number | undefined;
  #sentBytes = 0;
  #reportedBytes = -1;

  constructor({ onProgress }: Pick<WriteOptions, 'onProgress'>, totalBytes: number | undefined) {
    this.#report = onProgress;
    this.#totalBytes = totalBytes;
  }

  restart(): void {
    this.#sentBytes = 0;
  }

  add(bytes: number): void {
    this.#sentBytes += bytes;
    if (this.#sentBytes <= this.#reportedBytes) return;
    this.#reportedBytes = this.#sentBytes;
    const progress: UploadProgress = {
      sentBytes: this.#sentBytes,
      ...(this.#totalBytes === undefined ? {} : { totalBytes: this.#totalBytes }),
    };
    this.#report?.(progress);
  }
}
