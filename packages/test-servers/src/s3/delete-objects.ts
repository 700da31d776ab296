import type { Bucket } from './bucket.ts';
import { checkDelete } from './conditions.ts';
import { receiveText } from './receive.ts';
import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import { type Reply, type S3Call, xmlReply } from './service.ts';
import { element, parseXml, type XmlFragment, type XmlNode, xmlDocument } from './xml.ts';

const MAXIMUM_KEYS = 1000;

/** DeleteObject */
export function deleteObject({ request }: S3Call, bucket: Bucket, key: string): Reply {
  const removed = remove(bucket, key, request.query.get('versionId'), request.headers.get('if-match'));
  return {
    status: 204,
    headers: {
      ...(removed.versionId === undefined ? {} : { 'x-amz-version-id': removed.versionId }),
      ...(removed.isMarker ? { 'x-amz-delete-marker': 'true' } : {}),
    },
  };
}

/** DeleteObjects */
export async function deleteObjects(call: S3Call, bucket: Bucket): Promise<Reply> {
  checkDigest(call.request);
  const root = parseXml(await receiveText(call), 'Delete');
  const objects = root.all('Object');
  if (objects.length === 0 || objects.length > MAXIMUM_KEYS)
    throw new S3Error(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  const isQuiet = root.value('Quiet') === 'true';
  const results = objects.map(object => deleteListed(bucket, object, isQuiet));
  return xmlReply(xmlDocument('DeleteResult', ...results.filter(result => result !== undefined)));
}

/** The service insists on a digest here, as deleting the wrong keys cannot be taken back. */
function checkDigest({ headers }: S3Request): void {
  const isVerified = [...headers.keys()].some(
    name => name === 'content-md5' || name.startsWith('x-amz-checksum-') || name === 'x-amz-trailer',
  );
  if (!isVerified)
    throw new S3Error('InvalidRequest', 'Missing required header for this request: Content-MD5');
}

function deleteListed(bucket: Bucket, object: XmlNode, isQuiet: boolean): XmlFragment | undefined {
  const key = object.value('Key') ?? '';
  const versionId = object.value('VersionId');
  const named = [element('Key', key), ...(versionId === undefined ? [] : [element('VersionId', versionId)])];
  try {
    const removed = remove(bucket, key, versionId, object.value('ETag'));
    if (isQuiet) return undefined;
    const marker = removed.isMarker
      ? [element('DeleteMarker', true), element('DeleteMarkerVersionId', removed.versionId ?? 'null')]
      : [];
    return element('Deleted', ...named, ...marker);
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return element('Error', ...named, element('Code', error.code), element('Message', error.message));
  }
}

interface Removed {
  readonly versionId: string | undefined;
  readonly isMarker: boolean;
}

function remove(
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  ifMatch: string | undefined,
): Removed {
  checkDelete(ifMatch, bucket.current(key));
  if (versionId === undefined) {
    const marker = bucket.remove(key);
    return { versionId: marker?.versionId, isMarker: marker !== undefined };
  }
  const removed = bucket.removeVersion(key, versionId);
  return { versionId, isMarker: removed !== undefined && removed.files === undefined };
}
