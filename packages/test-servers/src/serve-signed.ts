import { type Backend, isFieldFileError, Storage } from '@fieldfile/storage';
import { contentDisposition, type SignedRequest } from '@fieldfile/storage/backend';

/** A backend whose URLs the application serves. */
interface Verifies extends Backend {
  verifyToken(address: string, method: string): SignedRequest;
}

/** Serves what the signed URLs of a backend allow, and nothing else. */
export function serveSigned(backend: Verifies): (request: Request) => Promise<Response> {
  const storage = new Storage(backend);
  return async request => {
    try {
      const allowed = backend.verifyToken(request.url, request.method);
      return await (allowed.method === 'PUT' ? receive(storage, request, allowed) : send(storage, allowed));
    } catch (error) {
      if (isFieldFileError(error, 'permission')) return new Response(error.message, { status: 403 });
      if (isFieldFileError(error, 'not-found')) return new Response(error.message, { status: 404 });
      throw error;
    }
  };
}

async function send(storage: Storage, allowed: SignedRequest): Promise<Response> {
  const { key, contentType } = allowed;
  await using opened = await storage.open(key);
  const headers = new Headers({ 'content-type': contentType ?? opened.info.contentType ?? '' });
  const disposition = contentDisposition(allowed);
  if (disposition !== undefined) headers.set('content-disposition', disposition);
  const { cacheControl, contentLanguage, contentEncoding } = allowed;
  if (cacheControl !== undefined) headers.set('cache-control', cacheControl);
  if (contentLanguage !== undefined) headers.set('content-language', contentLanguage);
  if (contentEncoding !== undefined) headers.set('content-encoding', contentEncoding);
  return new Response(await opened.bytes(), { headers });
}

async function receive(storage: Storage, request: Request, allowed: SignedRequest): Promise<Response> {
  const { key, contentType, exactBytes, maxBytes = Number.POSITIVE_INFINITY } = allowed;
  const bytes = await request.bytes();
  const isRight =
    (contentType === undefined || request.headers.get('content-type') === contentType) &&
    (exactBytes === undefined || bytes.byteLength === exactBytes) &&
    bytes.byteLength <= maxBytes;
  if (!isRight) return new Response('not as signed', { status: 400 });
  if (allowed.noOverwrite && (await storage.exists(key))) return new Response('taken', { status: 412 });
  await storage.save(key, bytes);
  return new Response(null, { status: 201 });
}
