import type { Buckets } from './buckets.ts';
import { sendMedia } from './download.ts';
import type { Exchange } from './exchange.ts';
import { forbidden, noSuchPath, notImplemented, unauthorized } from './gcs-error.ts';
import { decodeSegment } from './object-name.ts';
import { answerForForm } from './post-policy.ts';
import { checkBeforeRead, integer, preconditionsOfHeaders } from './preconditions.ts';
import type { ResumableUploads } from './resumable.ts';
import type { ServiceAccount } from './service-account.ts';
import { verifySignedUrl } from './signed-request.ts';
import { hashHeader, xmlEntityTag } from './stored-object.ts';
import { planOfHeaders, receiveObject } from './upload-plan.ts';

interface Rooms {
  readonly buckets: Buckets;
  readonly account: ServiceAccount;
  readonly uploads: ResumableUploads;
  readonly folder: string;
}

/** `/BUCKET/OBJECT`: what signed URLs, public URLs and POST policies reach. */
export async function answerForXml(exchange: Exchange, rooms: Rooms): Promise<void> {
  const { buckets, uploads, folder } = rooms;
  const uploadId = exchange.query.get('upload_id');
  if (uploadId !== null) return await uploads.continue(exchange, uploadId);
  const [bucketName = '', ...rest] = exchange.path.slice(1).split('/');
  const name = decodeSegment(rest.join('/'));
  if (name === '') {
    if (exchange.method !== 'POST') throw noSuchPath();
    return await answerForForm(exchange, buckets, rooms.account, bucketName || undefined, folder);
  }
  const isSigned = authorize(exchange, rooms.account);
  const bucket = buckets.get(bucketName);
  switch (exchange.method) {
    case 'GET':
    case 'HEAD': {
      const object = bucket.find(name, integer('generation', exchange.query.get('generation')));
      if (!isSigned && object?.isPublic !== true) throw anonymousRefused('storage.objects.get');
      const found = object ?? bucket.get(name);
      checkBeforeRead(found, preconditionsOfHeaders(exchange.request.headers));
      return await sendMedia(exchange, found, 'xml');
    }
    case 'PUT': {
      const object = await receiveObject(
        planOfHeaders(exchange.request.headers, bucket, name),
        exchange.body(),
        folder,
      );
      return exchange.send(200, {
        etag: xmlEntityTag(object),
        'x-goog-generation': String(object.generation),
        'x-goog-metageneration': String(object.metageneration),
        'x-goog-hash': hashHeader(object),
      });
    }
    case 'POST':
      if (exchange.header('x-goog-resumable') !== 'start') throw notImplemented('XML multipart upload');
      return uploads.startWithHeaders(exchange, planOfHeaders(exchange.request.headers, bucket, name));
    case 'DELETE':
      bucket.delete(name, undefined, preconditionsOfHeaders(exchange.request.headers));
      return exchange.send(204);
    default:
      throw noSuchPath();
  }
}

/** Returns whether the request is signed; only reading does without. */
function authorize(exchange: Exchange, account: ServiceAccount): boolean {
  if (exchange.query.has('X-Goog-Signature')) {
    verifySignedUrl(exchange, account);
    return true;
  }
  if (exchange.query.has('GoogleAccessId')) throw notImplemented('A V2 signed URL');
  if (exchange.method === 'GET' || exchange.method === 'HEAD') return false;
  throw exchange.header('authorization') === undefined
    ? anonymousRefused('storage.objects.create')
    : unauthorized('Invalid Credentials');
}

function anonymousRefused(permission: string): Error {
  return forbidden(
    'Access denied.',
    'AccessDenied',
    `Anonymous caller does not have ${permission} access to the Google Cloud Storage object. Permission '${permission}' denied on resource (or it may not exist).`,
  );
}
