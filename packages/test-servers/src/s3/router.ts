import { authenticate, claimedAccessKeyId } from './authenticate.ts';
import type { Bucket } from './bucket.ts';
import {
  createBucket,
  deleteBucket,
  getLocation,
  getVersioning,
  headBucket,
  listBuckets,
  putVersioning,
} from './bucket-operations.ts';
import { completeUpload } from './complete-upload.ts';
import { copyObject } from './copy-object.ts';
import { deleteObject, deleteObjects } from './delete-objects.ts';
import { findObject, getObject } from './get-object.ts';
import { clockOf, imitate, redirect, refuseToken } from './imitation.ts';
import { listObjectsV1, listObjectsV2 } from './list-objects.ts';
import { listParts, listUploads } from './list-uploads.ts';
import { listVersions } from './list-versions.ts';
import { abortUpload, createUpload } from './multipart-upload.ts';
import { getObjectAttributes } from './object-attributes.ts';
import { postObject } from './post-object.ts';
import { putObject } from './put-object.ts';
import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import { findBucket, type Reply, type S3Call, type Service } from './service.ts';
import { deleteTagging, getTagging, putTagging } from './tagging.ts';
import { uploadPart, uploadPartCopy } from './upload-part.ts';

/** Finds what a request asks for, checks that it may, and does it. */
export async function route(request: S3Request, service: Service): Promise<Reply> {
  const { method, bucketName, key } = request;
  redirect(request, service.account.region, service.imitation);
  refuseToken(request, service.imitation);
  const isReader = claimedAccessKeyId(request) === service.reader.accessKeyId;
  const authentication = authenticate(
    request,
    isReader ? service.reader : service.account,
    clockOf(service.imitation),
  );
  if (authentication === undefined) return routeAnonymous(request, service);
  if (isReader) return routeReader(request, service);
  const call = { request: imitate(withHoistedHeaders(request), service.imitation), authentication, service };
  const operation = `${method} ${subresource(request.query)}`.trim();
  if (bucketName === undefined) {
    if (operation === 'GET') return listBuckets(call);
    throw notAllowed();
  }
  if (key === undefined && operation === 'PUT') return createBucket(call, bucketName);
  const bucket = findBucket(service, bucketName);
  if (key === undefined) return (BUCKET_OPERATIONS[operation] ?? refuse(operation))(call, bucket);
  return (OBJECT_OPERATIONS[operation] ?? refuse(operation))(call, bucket, key);
}

type Handled = Reply | Promise<Reply>;

const BUCKET_OPERATIONS: Readonly<Record<string, (call: S3Call, bucket: Bucket) => Handled>> = {
  GET: (call, bucket) =>
    call.request.query.get('list-type') === '2' ? listObjectsV2(call, bucket) : listObjectsV1(call, bucket),
  HEAD: headBucket,
  DELETE: deleteBucket,
  'GET location': getLocation,
  'GET versioning': getVersioning,
  'PUT versioning': putVersioning,
  'GET uploads': listUploads,
  'GET versions': listVersions,
  'POST delete': deleteObjects,
};

const OBJECT_OPERATIONS: Readonly<Record<string, (call: S3Call, bucket: Bucket, key: string) => Handled>> = {
  GET: (call, bucket, key) => getObject(call.request, bucket, key),
  HEAD: (call, bucket, key) => getObject(call.request, bucket, key),
  PUT: (call, bucket, key) => (isCopy(call) ? copyObject(call, bucket, key) : putObject(call, bucket, key)),
  DELETE: deleteObject,
  'GET attributes': getObjectAttributes,
  'GET tagging': (call, bucket, key) => getTagging(named(call, bucket, key)),
  'PUT tagging': (call, bucket, key) => putTagging(call, bucket, named(call, bucket, key)),
  'DELETE tagging': (call, bucket, key) => deleteTagging(bucket, named(call, bucket, key)),
  'POST uploads': createUpload,
  'PUT uploadId': (call, bucket, key) =>
    isCopy(call) ? uploadPartCopy(call, bucket, key) : uploadPart(call, bucket, key),
  'GET uploadId': listParts,
  'POST uploadId': completeUpload,
  'DELETE uploadId': abortUpload,
};

const named = (call: S3Call, bucket: Bucket, key: string): ReturnType<typeof findObject> =>
  findObject(bucket, key, call.request.query.get('versionId'));

const isCopy = (call: S3Call): boolean => call.request.headers.has('x-amz-copy-source');

/** Who may not list a bucket is not told either that a key is missing from it. */
function routeReader(request: S3Request, service: Service): Reply {
  const { method, bucketName, key } = request;
  if (bucketName === undefined || key === undefined) throw accessDenied();
  const bucket = findBucket(service, bucketName);
  const isRead = (method === 'GET' || method === 'HEAD') && subresource(request.query) === '';
  if (!isRead || bucket.current(key) === undefined) throw accessDenied();
  return getObject(request, bucket, key);
}

/** Without a signature, a form with a policy may be posted and a public object be read. */
function routeAnonymous(request: S3Request, service: Service): Handled {
  const { method, bucketName, key } = request;
  const bucket = bucketName === undefined ? undefined : service.buckets.get(bucketName);
  if (bucket !== undefined && key === undefined && method === 'POST')
    return postObject(request, service, bucket);
  const mayRead = bucket !== undefined && key !== undefined && bucket.current(key)?.isPublic === true;
  if (mayRead && (method === 'GET' || method === 'HEAD') && request.query.size === 0)
    return getObject(request, bucket, key);
  throw accessDenied();
}

const SUBRESOURCES = [
  'accelerate',
  'acl',
  'analytics',
  'attributes',
  'cors',
  'delete',
  'encryption',
  'inventory',
  'legal-hold',
  'lifecycle',
  'location',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'publicAccessBlock',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versioning',
  'versions',
  'website',
];

function subresource(query: ReadonlyMap<string, string>): string {
  return SUBRESOURCES.find(name => query.has(name)) ?? '';
}

/**
 * A presigner moves `x-amz-…` headers into the query, where they are signed as well. The service ignores checksums
 * there (the SDK for JavaScript puts that of an empty body into every presigned PutObject).
 *
 * @see https://github.com/localstack/localstack/issues/12169
 */
function withHoistedHeaders(request: S3Request): S3Request {
  const hoisted = [...request.query]
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(
      ([name]) => name.startsWith('x-amz-') && !name.includes('checksum') && !request.headers.has(name),
    );
  return hoisted.length === 0 ? request : { ...request, headers: new Map([...request.headers, ...hoisted]) };
}

function refuse(operation: string): never {
  if (!operation.includes(' ')) throw notAllowed();
  throw new S3Error('NotImplemented', `This server does not know ${operation}.`);
}

function accessDenied(): S3Error {
  return new S3Error('AccessDenied', 'Access Denied');
}

function notAllowed(): S3Error {
  return new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.');
}
