import type { Bucket } from './bucket.ts';
import { entityTag, type StoredObject } from './stored-object.ts';

/** The JSON form of an object. Attributes that are undefined fall out when it is written. */
export function objectResource(object: StoredObject, origin: string): Record<string, unknown> {
  const { body, attributes } = object;
  const path = `/storage/v1/b/${object.bucket}/o/${encodeURIComponent(object.name)}`;
  return {
    kind: 'storage#object',
    id: `${object.bucket}/${object.name}/${object.generation}`,
    selfLink: `${origin}${path}`,
    mediaLink: `${origin}/download${path}?generation=${object.generation}&alt=media`,
    name: object.name,
    bucket: object.bucket,
    generation: String(object.generation),
    metageneration: String(object.metageneration),
    ...attributes,
    storageClass: attributes.storageClass ?? 'STANDARD',
    size: String(body.size),
    md5Hash: body.md5,
    crc32c: body.crc32c,
    etag: entityTag(object),
    componentCount: object.componentCount,
    timeCreated: object.created.toISOString(),
    updated: object.updated.toISOString(),
    timeStorageClassUpdated: object.created.toISOString(),
    timeFinalized: object.created.toISOString(),
    timeDeleted: object.deleted?.toISOString(),
  };
}

/** The JSON form of a bucket. */
export function bucketResource(bucket: Bucket, origin: string): Record<string, unknown> {
  return {
    location: 'US',
    storageClass: 'STANDARD',
    ...bucket.settings,
    kind: 'storage#bucket',
    id: bucket.name,
    name: bucket.name,
    selfLink: `${origin}/storage/v1/b/${bucket.name}`,
    metageneration: String(bucket.metageneration),
    etag: Buffer.from(String(bucket.metageneration)).toString('base64'),
    timeCreated: bucket.created.toISOString(),
    updated: bucket.created.toISOString(),
  };
}
