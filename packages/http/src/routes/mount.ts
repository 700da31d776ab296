import { type Backend, FieldFileError, type PublishesUrls, type Storage } from '@fieldfile/storage';
import { knownOptions, objectName, type SignedRequest } from '@fieldfile/storage/backend';
import { methodNotAllowed, problem } from '../errors/problem.ts';
import { nameOf } from '../serve/name-of.ts';
import type { ServeOptions } from '../serve/options.ts';
import { serve } from '../serve/serve.ts';
import { checkOrigins, isPreflight, preflight, withOrigin } from './origins.ts';
import { storeSigned } from './signed-put.ts';

export interface MountOptions {
  /**
   * Whether anybody may read every object at its address, without a signature, as in a public bucket: for a storage with
   * `urls: 'public'`. Uploads still need one. Default: false.
   */
  readonly publicRead?: boolean;
  /**
   * Origins whose pages may read and upload here by script, as `https://app.example.com`, or `'*'` for all: what a bucket's
   * CORS rules are. Default: none but the mount's own.
   */
  readonly origins?: readonly string[] | '*';
  /** How files are served. What a URL says of the answer goes before it. */
  readonly serve?: ServeOptions;
}

/** A backend whose signed URLs the application serves itself: disk and memory. */
interface ServedByUs extends Backend, PublishesUrls {
  verifyToken(address: string, method: string): SignedRequest;
}

/**
 * A Web handler for the signed URLs of a storage whose objects the application serves itself: a GET gives the object, and a
 * PUT stores what was signed, once. Put it where the storage's `baseUrl` leads. Whoever has the URL may do what it says and
 * nothing else; what is not signed is 403.
 *
 * A storage in the cloud serves its own URLs: mounted, it answers 404 to everything, so that a program on disk and one on a
 * cloud differ in the storage they construct.
 *
 * @throws `invalid-argument` for an option that is none.
 *
 * @example
 * ```ts
 * import { FileSystemStorage } from '@fieldfile/fs';
 * import { mount } from '@fieldfile/http';
 *
 * const storage = new FileSystemStorage({
 *   root: './media',
 *   baseUrl: '/media/',
 *   signingKey: process.env.MEDIA_KEY ?? 'a secret of at least 32 characters',
 * });
 * export const handler = mount(storage);
 * export const upload = await storage.signedUpload('a.png', { expiresInSeconds: 300, maxBytes: 5_000_000 });
 * ```
 */
export function mount(storage: Storage, options: MountOptions = {}): (request: Request) => Promise<Response> {
  knownOptions(options, ['publicRead', 'origins', 'serve'], { what: 'mount', operation: 'mount' });
  const { origins = [] } = options;
  checkOrigins(origins, 'mount');
  return async request => {
    if (isPreflight(request)) return preflight(request, origins, METHODS);
    return withOrigin(request, origins, await answer(request, storage, options));
  };
}

const METHODS = ['GET', 'HEAD', 'PUT'];

async function answer(request: Request, storage: Storage, options: MountOptions): Promise<Response> {
  try {
    const { method } = request;
    if (!METHODS.includes(method)) return methodNotAllowed(METHODS);
    const { backend } = storage;
    if (!isServedByUs(backend))
      throw new FieldFileError('not-found', 'This storage has no URLs, or serves them itself.');
    if (options.publicRead && method !== 'PUT' && !new URL(request.url).search)
      return await serve(request, { storage, name: nameOf(request, baseOf(backend)) }, options.serve);
    const allowed = backend.verifyToken(request.url, method);
    if (method === 'PUT') return await storeSigned(request, storage, allowed);
    return await give(request, storage, allowed, options);
  } catch (error) {
    if (request.body && !request.body.locked) await request.body.cancel().catch(() => {});
    const { onError } = options.serve ?? {};
    return problem(error, { request, ...(onError ? { onError } : {}) });
  }
}

/** The path that the addresses of all objects begin with. */
function baseOf(backend: ServedByUs): string {
  const name = objectName('x', backend.limits, 'mount', backend.id);
  return new URL(backend.publicUrl(name), 'http://localhost').pathname.slice(0, -name.length);
}

const isServedByUs = (backend: Backend): backend is ServedByUs =>
  'verifyToken' in backend &&
  typeof backend.verifyToken === 'function' &&
  !backend.cannot?.includes('publicUrl');

async function give(
  request: Request,
  storage: Storage,
  allowed: SignedRequest,
  options: MountOptions,
): Promise<Response> {
  const { name, expiresAt, contentType, download } = allowed;
  // A name to save under is for saving, unless the URL says otherwise.
  const { disposition = download === undefined ? undefined : 'attachment' } = allowed;
  // No cache may give it any longer than the URL holds.
  const leftSeconds = Math.max(0, Math.floor(expiresAt - Date.now() / 1000));
  const response = await serve(
    request,
    { storage, name },
    {
      cacheControl: `private, max-age=${leftSeconds}`,
      ...options.serve,
      ...(allowed.cacheControl === undefined ? {} : { cacheControl: allowed.cacheControl }),
      ...(contentType === undefined ? {} : { contentType }),
      ...(download === undefined ? {} : { download }),
      ...(disposition === undefined ? {} : { disposition }),
    },
  );
  if (!response.ok) return response;
  // Without a name of its own, the URL's last part is the name.
  if (disposition !== undefined && download === undefined) {
    const [how = 'attachment'] = (response.headers.get('content-disposition') ?? '').split(';');
    response.headers.set('content-disposition', how);
  }
  const { contentLanguage, contentEncoding } = allowed;
  if (contentLanguage !== undefined) response.headers.set('content-language', contentLanguage);
  if (contentEncoding !== undefined) response.headers.set('content-encoding', contentEncoding);
  return response;
}
