import { isFieldFileError } from '@fieldfile/storage';
import { methodNotAllowed, problem, problemResponse } from '../errors/problem.ts';
import { OtherOffsetError } from '../resumable/other-offset-error.ts';
import { isPreflight, preflight, withOrigin } from '../routes/origins.ts';
import { uploaderOf } from '../routes/uploader.ts';
import { appendToUpload } from './append-to-upload.ts';
import { ALGORITHMS } from './checksum.ts';
import { createUpload } from './create-upload.ts';
import { endedUpload, shownUpload } from './known-upload.ts';
import { type TusOptions, type TusSettings, tusSettings } from './options.ts';
import { EXTENSIONS, SENT, SHOWN, VERSION } from './protocol.ts';
import { gone, noUpload, TusRefusal } from './tus-refusal.ts';

/**
 * A Web handler for resumable uploads by tus 1.0, from tus-js-client, Uppy and others. It denies by default. Any process of the
 * application goes on with any upload: what is needed for that is on the storage of the field, and nothing is locked.
 *
 * The last part of an upload's address is its token: `field.redeem` makes a file of it once the upload is whole.
 *
 * @throws `invalid-argument` for an option that is none.
 *
 * @example
 * ```ts
 * import { defineFiles, model } from '@fieldfile/core';
 * import { tus } from '@fieldfile/http/tus';
 *
 * interface FilmRow {
 *   id: number;
 *   file: string | null;
 * }
 * const films = defineFiles(model<FilmRow>()('film', 'id'), {
 *   file: { accept: ['video/*'], claims: { signingKey: 'a secret of at least 32 characters' } },
 * });
 * declare function userOf(request: Request): Promise<{ readonly id: string } | undefined>;
 *
 * export const handler = tus({
 *   field: films.file,
 *   baseUrl: '/uploads/',
 *   authorize: async request => (await userOf(request)) !== undefined,
 *   user: async request => (await userOf(request))?.id ?? '',
 * });
 * ```
 */
export function tus(options: TusOptions): (request: Request) => Promise<Response> {
  const settings = tusSettings(options);
  const { origins } = settings;
  const { credentials = false, requestHeaders = [], onError } = options;
  const crossOrigin = { credentials, sent: [...SENT, ...requestHeaders], shown: SHOWN };
  return async request => {
    if (isPreflight(request)) return preflight(request, origins, METHODS, crossOrigin);
    const response = await answered(request, settings, onError);
    const open = new Response(response.body, response); // one of `Response.redirect` takes no headers
    open.headers.set('Tus-Resumable', VERSION);
    return withOrigin(request, origins, open, crossOrigin);
  };
}

const METHODS = ['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'];

async function answered(
  request: Request,
  settings: TusSettings,
  onError: TusOptions['onError'],
): Promise<Response> {
  try {
    return await answer(request, settings);
  } catch (error) {
    if (error instanceof TusRefusal)
      return problemResponse(error.problem, error.code, new Headers(error.headers), request);
    const headers = error instanceof OtherOffsetError ? { 'Upload-Offset': String(error.offset) } : {};
    return problem(error, { request, headers, ...(onError ? { onError } : {}) });
  } finally {
    // What was not asked for is not waited for.
    if (request.body && !request.body.locked) await request.body.cancel().catch(() => {});
  }
}

async function answer(request: Request, settings: TusSettings): Promise<Response> {
  const method = methodOf(request);
  const token = tokenIn(request, settings);
  if (token === undefined) throw noUpload();
  if (method === 'OPTIONS') return offered(settings);
  const allowed = token === '' ? ['POST', 'OPTIONS'] : ['HEAD', 'PATCH', 'DELETE', 'OPTIONS'];
  if (!allowed.includes(method)) return methodNotAllowed(allowed);
  if (request.headers.get('Tus-Resumable') !== VERSION)
    throw new TusRefusal(412, 'precondition', 'The protocol is tus 1.0.0', { 'Tus-Version': VERSION });
  const user = await uploaderOf(request, settings);
  if (user instanceof Response) return user;
  if (method === 'POST') return createUpload(request, settings, user);
  try {
    if (method === 'HEAD') return await shownUpload(settings, token, user);
    if (method === 'DELETE') return await endedUpload(settings, token, user);
    return await appendToUpload(request, settings, token, user);
  } catch (error) {
    throw isFieldFileError(error, 'not-found', 'intent-lost') ? gone() : error;
  }
}

/** Behind some proxies only POST comes through. */
function methodOf({ method, headers }: Request): string {
  return method === 'POST' ? (headers.get('X-HTTP-Method-Override') ?? method).toUpperCase() : method;
}

/** What stands behind the base: '' for the base itself, a token otherwise, and undefined for what cannot be one. */
function tokenIn(request: Request, { base }: TusSettings): string | undefined {
  const { pathname } = new URL(request.url);
  if (`${pathname}/` === base) return '';
  if (!pathname.startsWith(base)) return undefined;
  const token = pathname.slice(base.length);
  return /^[\w-]*(?:\.[\w-]+)?$/.test(token) ? token : undefined;
}

/** What a client may ask for. */
function offered({ maxFileBytes }: TusSettings): Response {
  const headers = new Headers({
    'Tus-Version': VERSION,
    'Tus-Extension': EXTENSIONS.join(','),
    'Tus-Checksum-Algorithm': ALGORITHMS.join(','),
    'cache-control': 'no-store',
    'content-length': '0',
  });
  if (Number.isFinite(maxFileBytes)) headers.set('Tus-Max-Size', String(maxFileBytes));
  return new Response(null, { status: 200, headers });
}
