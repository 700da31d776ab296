import { denied } from './access-tokens.ts';
import { allowByRules } from './cors.ts';
import { sendMedia } from './download.ts';
import type { Exchange } from './exchange.ts';
import { forbidden, noSuchPath, notImplemented } from './gcs-error.ts';
import { decodeSegment } from './object-name.ts';
import { answerForForm } from './post-policy.ts';
import { checkBeforeRead, integer, preconditionsOfHeaders } from './preconditions.ts';
import type { Service } from './service.ts';
import { verifySignedUrl } from './signed-request.ts';
import { hashHeader, xmlEntityTag } from './stored-object.ts';
import { planOfHeaders, receiveObject } from './upload-plan.ts';

/** `/BUCKET/OBJECT`: what signed URLs, public URLs and POST policies reach. */
export async function answerForXml(exchange: Exchange, service: Service): Promise<void> {
  const { buckets, uploads, account, folder } = service;
  const uploadId = exchange.query.get('upload_id');
  if (uploadId !== null) return await uploads.continue(exchange, uploadId);
  const [bucketName = '', ...rest] = exchange.path.slice(1).split('/');
  const name = decodeSegment(rest.join('/'));
  if (bucketName !== '' && exchange.header('origin') !== undefined)
    if (allowByRules(exchange, buckets.get(bucketName))) return;
  if (name === '') {
    if (exchange.method !== 'POST') throw noSuchPath();
    return await answerForForm(exchange, buckets, account, bucketName || undefined, folder);
  }
  const isAuthorized = authorize(exchange, service);
  const bucket = buckets.get(bucketName);
  switch (exchange.method) {
    case 'GET':
    case 'HEAD': {
      const object = bucket.find(name, integer('generation', exchange.query.get('generation')));
      if (!isAuthorized && object?.isPublic !== true) throw anonymousRefused('storage.objects.get');
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

/** Returns whether the request has a signature or token that permits it; only reading does without. */
function authorize(exchange: Exchange, { account, tokens }: Service): boolean {
  if (exchange.query.has('X-Goog-Signature')) {
    verifySignedUrl(exchange, account);
    return true;
  }
  if (exchange.query.has('GoogleAccessId')) throw notImplemented('A V2 signed URL');
  if (tokens.permit(exchange)) return true;
  if (exchange.method !== 'GET' && exchange.method !== 'HEAD')
    throw anonymousRefused('storage.objects.create');
  return false;
}

function anonymousRefused(permission: string): Error {
  return forbidden('Access denied.', 'AccessDenied', denied('Anonymous caller', permission));
}
