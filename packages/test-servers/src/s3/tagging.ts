import type { Bucket, StoredObject } from './bucket.ts';
import { receiveText } from './receive.ts';
import { S3Error } from './s3-error.ts';
import { type Reply, type S3Call, xmlReply } from './service.ts';
import { element, parseXml, xmlDocument } from './xml.ts';

type Tags = ReadonlyMap<string, string>;

/** GetObjectTagging */
export function getTagging(object: StoredObject): Reply {
  const tags = [...object.tags].map(([key, value]) =>
    element('Tag', element('Key', key), element('Value', value)),
  );
  return xmlReply(xmlDocument('Tagging', element('TagSet', ...tags)));
}

/** PutObjectTagging */
export async function putTagging(call: S3Call, bucket: Bucket, object: StoredObject): Promise<Reply> {
  bucket.tag(object, checkTags(parseTags(await receiveText(call))));
  return { status: 200 };
}

/** The tags of a `Tagging` document. */
export function parseTags(document: string): readonly (readonly [string, string])[] {
  const tags = parseXml(document, 'Tagging').all('TagSet')[0]?.all('Tag') ?? [];
  return tags.map(tag => [tag.value('Key') ?? '', tag.value('Value') ?? ''] as const);
}

/** DeleteObjectTagging */
export function deleteTagging(bucket: Bucket, object: StoredObject): Reply {
  bucket.tag(object, new Map());
  return { status: 204 };
}

/** The tags of an `x-amz-tagging` header, which is a query string. */
export function readTagHeader(value: string | undefined): Tags {
  return checkTags([...new URLSearchParams(value ?? '')]);
}

function checkTags(tags: readonly (readonly [string, string])[]): Tags {
  const byKey = new Map(tags);
  if (byKey.size !== tags.length)
    throw new S3Error('InvalidTag', 'Cannot provide multiple Tags with the same key');
  if (byKey.size > 10) throw new S3Error('InvalidTag', 'Object tags cannot be greater than 10');
  for (const [key, value] of byKey) {
    if (key === '' || [...key].length > 128)
      throw new S3Error('InvalidTag', 'The TagKey you have provided is invalid');
    if ([...value].length > 256) throw new S3Error('InvalidTag', 'The TagValue you have provided is invalid');
  }
  return byKey;
}
