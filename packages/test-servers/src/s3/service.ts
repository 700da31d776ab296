import type { Readable } from 'node:stream';
import type { Authentication } from './authenticate.ts';
import type { Bucket } from './bucket.ts';
import type { FileStore } from './file-store.ts';
import type { S3Imitation } from './imitation.ts';
import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import type { Account } from './signature.ts';

/** Limits of the service, which tests may lower. */
export interface S3Limits {
  /** Of every part but the last. Default: 5 MiB. */
  readonly minimumPartBytes: number;
  /** Of a PutObject, a POST or a part. Default: 5 GiB. */
  readonly maximumUploadBytes: number;
  /** Of the source of a CopyObject or the range of an UploadPartCopy. Default: 5 GiB. */
  readonly maximumCopyBytes: number;
}

/** The state of a running server. */
export interface Service {
  readonly account: Account;
  /** May read objects whose keys it knows, and nothing else. */
  readonly reader: Account;
  readonly limits: S3Limits;
  readonly imitation: S3Imitation;
  readonly files: FileStore;
  readonly buckets: Map<string, Bucket>;
}

/** A request whose sender is known. */
export interface S3Call {
  readonly request: S3Request;
  readonly authentication: Authentication;
  readonly service: Service;
}

/** What a handler answers. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
}

/** @throws `NoSuchBucket` */
export function findBucket(service: Service, name: string): Bucket {
  const bucket = service.buckets.get(name);
  if (bucket === undefined)
    throw new S3Error('NoSuchBucket', 'The specified bucket does not exist', { BucketName: name });
  return bucket;
}

/** An XML document as an answer. */
export function xmlReply(body: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status: 200, headers: { ...headers, 'content-type': 'application/xml' }, body };
}

/**
 * An integer parameter.
 *
 * @throws `InvalidArgument` for anything but an integer from 0.
 */
export function integerParameter(
  query: ReadonlyMap<string, string>,
  name: string,
  fallback: number,
  maximum: number,
): number {
  const value = query.get(name);
  if (value === undefined || value === '') return fallback;
  if (!/^\d+$/.test(value))
    throw new S3Error('InvalidArgument', `Provided ${name} not an integer or within integer range`, {
      ArgumentName: name,
      ArgumentValue: value,
    });
  return Math.min(Number(value), maximum);
}
