import type { Bucket, ObjectContent } from './bucket.ts';
import { readObjectHeaders } from './object-headers.ts';
import { S3Error } from './s3-error.ts';
import { readTagHeader } from './tagging.ts';

/** What the headers of a PutObject, a CreateMultipartUpload or a CopyObject say of the object to be. */
export type ObjectProperties = Pick<ObjectContent, 'headers' | 'tags' | 'isPublic'>;

/** @throws `MetadataTooLarge`, `InvalidTag`, `InvalidStorageClass`, `AccessControlListNotSupported` */
export function readProperties(headers: ReadonlyMap<string, string>, bucket: Bucket): ObjectProperties {
  return {
    headers: readObjectHeaders(headers),
    tags: readTagHeader(headers.get('x-amz-tagging')),
    isPublic: readAcl(headers.get('x-amz-acl'), bucket),
  };
}

function readAcl(acl: string | undefined, bucket: Bucket): boolean {
  if (acl === undefined || acl === 'bucket-owner-full-control') return false;
  if (!bucket.allowsAcls)
    throw new S3Error('AccessControlListNotSupported', 'The bucket does not allow ACLs');
  if (acl !== 'private' && acl !== 'public-read')
    throw new S3Error('InvalidArgument', 'This server knows the ACLs private and public-read', {
      ArgumentName: 'x-amz-acl',
      ArgumentValue: acl,
    });
  return acl === 'public-read';
}
