import type { ObjectInfo, ObjectVersion } from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';
import type { BlobAttributes } from './context.ts';
import { fromBlobMetadata } from './metadata.ts';
import { NotAStore } from './request.ts';

/**
 * The type of a blob that only holds a name, or an upload on its way. A listing tells the type and not the metadata:
 * so nothing more is asked to leave these out.
 */
export const RESERVATION_TYPE = 'application/vnd.fieldfile.reservation';

export const isReservation = (contentType: string | undefined): boolean => contentType === RESERVATION_TYPE;

/** What the service says of a blob, in whichever answer. */
export interface BlobProperties {
  readonly etag?: string | undefined;
  readonly lastModified?: Date | undefined;
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly contentMD5?: Uint8Array | undefined;
}

/**
 * What was told of a blob, as it came. Any program may answer 200, and a file server has ETags, too.
 *
 * @throws {@link NotAStore} where it was not the service.
 */
export function told<
  Told extends { readonly etag?: string; readonly version?: string; readonly requestId?: string },
>(found: Told): Told {
  if (found.etag === undefined || (found.version ?? found.requestId) === undefined)
    throw new NotAStore('The answer lacks what the service tells.');
  return found;
}

export function objectInfo(name: ObjectName, sizeBytes: number, properties: BlobProperties): ObjectInfo {
  const { etag, lastModified, contentType, contentEncoding, contentDisposition, contentMD5 } = properties;
  return {
    name,
    sizeBytes,
    version: versionOf(etag),
    lastModified: lastModified ?? new Date(Number.NaN),
    ...(contentType === undefined ? {} : { contentType }),
    ...(contentEncoding ? { contentEncoding } : {}),
    ...(contentDisposition ? { contentDisposition } : {}),
    ...(contentMD5 && contentMD5.byteLength > 0
      ? { digest: { algorithm: 'md5', base64: Buffer.from(contentMD5).toString('base64') } }
      : {}),
    ...fromBlobMetadata(properties.metadata),
  };
}

/** Listings give ETags without their quotes. */
export function versionOf(etag: string | undefined): ObjectVersion {
  return (etag ?? '').replace(/^"|"$/g, '') as ObjectVersion;
}

export const etagOf = (version: ObjectVersion): string => `"${version}"`;

/** What a later `info` tells of an object that is stored with these. */
export function propertiesOf({ stored }: BlobAttributes): BlobProperties {
  const { blobContentType, blobContentEncoding, blobContentDisposition } = stored.blobHTTPHeaders;
  return {
    contentType: blobContentType,
    contentEncoding: blobContentEncoding,
    contentDisposition: blobContentDisposition,
    metadata: stored.metadata,
  };
}
