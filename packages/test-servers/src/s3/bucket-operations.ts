import { Bucket } from './bucket.ts';
import { OWNER } from './list-objects.ts';
import { receiveText } from './receive.ts';
import { S3Error } from './s3-error.ts';
import { type Reply, type S3Call, xmlReply } from './service.ts';
import { element, parseXml, xmlDocument } from './xml.ts';

/** ListBuckets */
export function listBuckets({ service }: S3Call): Reply {
  const buckets = [...service.buckets.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(bucket =>
      element('Bucket', element('Name', bucket.name), element('CreationDate', bucket.created.toISOString())),
    );
  return xmlReply(xmlDocument('ListAllMyBucketsResult', OWNER, element('Buckets', ...buckets)));
}

/** CreateBucket */
export function createBucket({ request, service }: S3Call, name: string): Reply {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) || name.includes('..'))
    throw new S3Error('InvalidBucketName', 'The specified bucket is not valid.', { BucketName: name });
  if (service.buckets.has(name))
    throw new S3Error(
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      { BucketName: name },
    );
  const ownership = request.headers.get('x-amz-object-ownership') ?? 'BucketOwnerEnforced';
  service.buckets.set(name, new Bucket(name, ownership !== 'BucketOwnerEnforced'));
  return { status: 200, headers: { location: `/${name}` } };
}

/** HeadBucket */
export function headBucket({ service }: S3Call): Reply {
  return { status: 200, headers: { 'x-amz-bucket-region': service.account.region } };
}

/** DeleteBucket */
export function deleteBucket({ service }: S3Call, bucket: Bucket): Reply {
  if (bucket.versions.size > 0)
    throw new S3Error('BucketNotEmpty', 'The bucket you tried to delete is not empty', {
      BucketName: bucket.name,
    });
  service.buckets.delete(bucket.name);
  return { status: 204 };
}

/** GetBucketLocation */
export function getLocation({ service }: S3Call): Reply {
  const { region } = service.account;
  const text = region === 'us-east-1' ? [] : [{ xml: region }];
  return xmlReply(xmlDocument('LocationConstraint', ...text));
}

/** GetBucketVersioning */
export function getVersioning(_call: S3Call, bucket: Bucket): Reply {
  const status = bucket.versioning === undefined ? [] : [element('Status', bucket.versioning)];
  return xmlReply(xmlDocument('VersioningConfiguration', ...status));
}

/** PutBucketVersioning */
export async function putVersioning(call: S3Call, bucket: Bucket): Promise<Reply> {
  const root = parseXml(await receiveText(call), 'VersioningConfiguration');
  const status = root.value('Status');
  if (status !== 'Enabled' && status !== 'Suspended')
    throw new S3Error(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  bucket.versioning = status;
  return { status: 200 };
}
