import type { IncomingMessage, ServerResponse } from 'node:http';
import { denied } from './access-tokens.ts';
import { answerForBucket, answerForBuckets } from './buckets.ts';
import { composeObject } from './compose.ts';
import { Exchange } from './exchange.ts';
import { GcsError, noSuchPath, unauthorized } from './gcs-error.ts';
import { insertObject } from './insert.ts';
import { listObjects } from './list.ts';
import { decodeSegment } from './object-name.ts';
import { answerForObject } from './objects.ts';
import { copyObject, moveObject, Rewrites } from './rewrite.ts';
import type { Service } from './service.ts';
import { signBlob } from './sign-blob.ts';
import { answerForXml } from './xml-api.ts';

const JSON_API = /^\/(?:download\/)?storage\/v1\/b(?:\/|$)/;
const UPLOAD_API = /^\/upload\/storage\/v1\/b\//;
const SIGN_BLOB = /^\/v1\/projects\/-\/serviceAccounts\/([^/]+):signBlob$/;

/** Finds what a request is for and sees that it is answered, whatever happens. */
export class Router {
  readonly #service: Service;
  readonly #rewrites = new Rewrites();

  constructor(service: Service) {
    this.#service = service;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const exchange = new Exchange(request, response);
    try {
      await this.#route(exchange);
    } catch (cause) {
      answerFailure(exchange, cause);
    } finally {
      // What the client still sends is read and dropped, or it would wait for ever to finish. A parser that stopped
      // half-way still listens, and a stream with a reader does not flow.
      request.removeAllListeners('readable').resume();
    }
  }

  async #route(exchange: Exchange): Promise<void> {
    const { path } = exchange;
    const account = path.match(SIGN_BLOB)?.[1];
    if (account !== undefined) return await signBlob(exchange, this.#service.account, decodeSegment(account));
    if (UPLOAD_API.test(path)) return await this.#upload(exchange);
    if (JSON_API.test(path)) return await this.#json(exchange);
    return await answerForXml(exchange, this.#service);
  }

  async #upload(exchange: Exchange): Promise<void> {
    const { buckets, uploads, folder } = this.#service;
    const [bucketName = '', ...rest] = segments(exchange.path.replace(UPLOAD_API, ''));
    const uploadId = exchange.query.get('upload_id');
    if (rest.join('/') !== 'o') throw noSuchPath();
    if (uploadId !== null) return await uploads.continue(exchange, uploadId);
    if (exchange.method !== 'POST') throw noSuchPath();
    this.#authorize(exchange);
    const bucket = buckets.get(bucketName);
    if (exchange.query.get('uploadType') === 'resumable')
      return await uploads.startWithJson(exchange, bucket);
    await insertObject(exchange, bucket, folder);
  }

  async #json(exchange: Exchange): Promise<void> {
    const { buckets, folder } = this.#service;
    this.#authorize(exchange);
    const parts = segments(exchange.path.replace(JSON_API, ''));
    const [bucketName, collection, name, action, ...target] = parts;
    if (bucketName === undefined) return await answerForBuckets(exchange, buckets);
    if (collection === undefined) return await answerForBucket(exchange, buckets, bucketName);
    const bucket = buckets.get(bucketName);
    if (collection !== 'o') throw noSuchPath();
    if (name === undefined) {
      if (exchange.method !== 'GET') throw noSuchPath();
      return listObjects(exchange, bucket);
    }
    if (action === undefined) return await answerForObject(exchange, bucket, name);
    if (exchange.method !== 'POST') throw noSuchPath();
    if (action === 'compose' && target.length === 0)
      return await composeObject(exchange, bucket, name, folder);
    if (action === 'moveTo' && target.length === 2)
      return await moveObject(exchange, bucket, name, target[1] ?? '');
    if (target.length !== 4) throw noSuchPath();
    const [, targetBucket = '', , targetName = ''] = target;
    const to = buckets.get(targetBucket);
    if (action === 'rewriteTo') return await this.#rewrites.rewrite(exchange, bucket, name, to, targetName);
    if (action === 'copyTo') return await copyObject(exchange, bucket, name, to, targetName);
    throw noSuchPath();
  }

  #authorize(exchange: Exchange): void {
    const { tokens, requireAuthorization } = this.#service;
    if (!tokens.permit(exchange) && requireAuthorization) {
      throw unauthorized(denied('Anonymous caller', 'storage.objects.get'));
    }
  }
}

// A trailing slash counts for nothing: `DELETE …/b/BUCKET/` deletes the bucket, as on the real service.
function segments(path: string): string[] {
  const parts = path.split('/').map(decodeSegment);
  if (parts.at(-1) === '') parts.pop();
  return parts;
}

function answerFailure(exchange: Exchange, cause: unknown): void {
  const { request, response, path, query } = exchange;
  // Nobody is left to tell when the client has gone, and no way to tell it once the bytes have begun.
  if (response.headersSent || (request.destroyed && !request.complete)) {
    response.destroy();
    return;
  }
  const isXml =
    !path.startsWith('/storage/') && !path.startsWith('/upload/') && !path.startsWith('/download/');
  const form = isXml ? 'xml' : query.get('alt') === 'media' ? 'text' : 'json';
  exchange.sendError(cause instanceof GcsError ? cause : internalError(cause), form);
}

function internalError(cause: unknown): GcsError {
  const message = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  return new GcsError({ status: 500, reason: 'backendError', code: 'InternalError', message });
}
