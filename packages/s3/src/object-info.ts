import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { Digest, ObjectInfo, ObjectVersion } from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';
import { decodeMetadata } from './metadata.ts';

/** What a HEAD or GET says of an object. */
export type ObjectHead = Pick<
  HeadObjectCommandOutput,
  | 'ContentLength'
  | 'ETag'
  | 'LastModified'
  | 'ContentType'
  | 'ContentEncoding'
  | 'ContentDisposition'
  | 'Metadata'
  | 'ChecksumCRC32'
  | 'ChecksumSHA256'
  | 'ChecksumType'
> & { readonly ContentRange?: string | undefined };

/** The object, or undefined where only a name is held by a write under way. */
export function objectInfo(name: ObjectName, head: ObjectHead): ObjectInfo | undefined {
  const { writeId, isReservation, metadata } = decodeMetadata(head.Metadata);
  if (isReservation) return undefined;
  const digest = digestOf(head);
  const contentEncoding = encodingOf(head);
  return {
    name,
    sizeBytes: Number(head.ContentRange?.split('/')[1] ?? head.ContentLength ?? 0),
    version: (head.ETag ?? '') as ObjectVersion,
    lastModified: head.LastModified ?? new Date(0),
    ...(head.ContentType === undefined ? {} : { contentType: head.ContentType }),
    ...(contentEncoding === undefined ? {} : { contentEncoding }),
    ...(head.ContentDisposition === undefined ? {} : { contentDisposition: head.ContentDisposition }),
    ...(writeId === undefined ? {} : { writeId }),
    ...(digest === undefined ? {} : { digest }),
    metadata,
  };
}

/** How the stored bytes are encoded. Some servers keep what only said how a request's body was sent. */
export function encodingOf({
  ContentEncoding = '',
}: Pick<ObjectHead, 'ContentEncoding'>): string | undefined {
  const encodings = ContentEncoding.split(',').map(encoding => encoding.trim());
  return encodings.filter(encoding => encoding !== 'aws-chunked').join(',') || undefined;
}

/** The digest S3 keeps of the whole content. One over the digests of parts is none of it. */
export function digestOf(
  head: Pick<ObjectHead, 'ChecksumCRC32' | 'ChecksumSHA256' | 'ChecksumType' | 'ContentRange'>,
): Digest | undefined {
  if (head.ChecksumType === 'COMPOSITE' || head.ContentRange !== undefined) return undefined;
  if (isWhole(head.ChecksumSHA256)) return { algorithm: 'sha256', base64: head.ChecksumSHA256 };
  if (isWhole(head.ChecksumCRC32)) return { algorithm: 'crc32', base64: head.ChecksumCRC32 };
  return undefined;
}

const isWhole = (checksum: string | undefined): checksum is string =>
  checksum !== undefined && !checksum.includes('-');
