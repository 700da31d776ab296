import { FieldFileError } from '@fieldfile/storage';
import { methodNotAllowed, problem } from '../errors/problem.ts';
import { isPreflight, preflight, withOrigin } from '../routes/origins.ts';
import type { FormFields } from './form-fields.ts';
import { checkReceiveOptions, type Received, type ReceiveOptions, receive } from './receive.ts';
import { requireSameOrigin } from './same-origin.ts';

export interface UploadsOptions<Fields extends FormFields = FormFields>
  extends Omit<ReceiveOptions<Fields>, 'user'> {
  /**
   * Whether this request may upload: asked before a byte of its body is read. Only `true` allows; a response, such as one that
   * asks to sign in, is the answer. Default: nobody may.
   */
  readonly authorize?: (request: Request) => boolean | Response | Promise<boolean | Response>;
  /** Makes rows of what came, and answers. What no row has when it has ended is taken back. */
  readonly handle: (received: Received<Fields>, request: Request) => Response | Promise<Response>;
  /** The user whose tokens of forms are taken. */
  readonly user?: (request: Request) => string | Promise<string>;
  /** Pages of `origins` may send cookies, and read the answer. Not with `'*'`. Default: false. */
  readonly credentials?: boolean;
  /** Further headers that scripts of `origins` may send, such as `authorization`. */
  readonly requestHeaders?: readonly string[];
  /** Further headers of answers that they may read, such as `location`. */
  readonly responseHeaders?: readonly string[];
  /** Told of errors that are answered with 500 or more. Default: a warning of the process. */
  readonly onError?: (error: unknown) => void;
}

/**
 * A Web handler for uploads: what pages of other origins ask beforehand is answered, `authorize` is asked, the request is
 * received, and `handle` makes rows of it. Errors are answered with problem details.
 *
 * @throws `invalid-argument` for an option that is none.
 *
 * @example
 * ```ts
 * import { defineFiles, model } from '@fieldfile/core';
 * import { uploads } from '@fieldfile/http/receive';
 *
 * interface PhotoRow {
 *   id: number;
 *   image: string | null;
 * }
 * const photos = defineFiles(model<PhotoRow>()('photo', 'id'), { image: { accept: ['image/*'] } });
 * declare function insert(image: object): Promise<PhotoRow>;
 * declare function isSignedIn(request: Request): Promise<boolean>;
 *
 * export const handler = uploads({
 *   authorize: isSignedIn,
 *   fields: { image: photos.image },
 *   handle: async ({ image }) => {
 *     if (!image) return new Response('Choose an image.', { status: 422 });
 *     const { id } = await insert({ image });
 *     return Response.json({ id }, { status: 201 });
 *   },
 * });
 * ```
 */
export function uploads<const Fields extends FormFields>(
  options: UploadsOptions<Fields>,
): (request: Request) => Promise<Response> {
  const { authorize, handle, user, credentials, requestHeaders, responseHeaders, onError, ...receiving } =
    options;
  check(options, receiving);
  const { origins = [] } = receiving;
  const crossOrigin = {
    credentials: credentials ?? false,
    sent: [...SENT, ...(requestHeaders ?? [])],
    shown: [...SHOWN, ...(responseHeaders ?? [])],
  };
  return async request => {
    if (isPreflight(request)) return preflight(request, origins, METHODS, crossOrigin);
    const response = await answer(request, receiving, options);
    return withOrigin(request, origins, response, crossOrigin);
  };
}

const METHODS = ['POST', 'PUT'];

/** Headers of uploads that scripts may send. */
const SENT = ['content-type', 'content-disposition', 'content-md5', 'content-digest', 'repr-digest'];

/** Headers of answers that scripts may read. */
const SHOWN = ['location', 'retry-after'];

/** @throws `invalid-argument`. */
function check<Fields extends FormFields>(
  options: UploadsOptions<Fields>,
  receiving: Omit<ReceiveOptions<Fields>, 'user'>,
): void {
  checkReceiveOptions(receiving);
  const { authorize, handle, user, onError, credentials = false } = options;
  const refuse = (what: string): never => {
    throw new FieldFileError('invalid-argument', `uploads cannot use ${what}.`, { operation: 'construct' });
  };
  for (const [option, given] of Object.entries({ authorize, user, onError }))
    if (given !== undefined && typeof given !== 'function') refuse(`${option}: give a function`);
  if (typeof handle !== 'function') refuse('handle: give a function that makes rows and answers');
  if (credentials && receiving.origins === '*')
    refuse("credentials with '*': name the origins that may send cookies");
}

async function answer<Fields extends FormFields>(
  request: Request,
  receiving: Omit<ReceiveOptions<Fields>, 'user'>,
  { authorize = () => false, handle, user, onError }: UploadsOptions<Fields>,
): Promise<Response> {
  if (!METHODS.includes(request.method)) return methodNotAllowed(METHODS);
  try {
    requireSameOrigin(request, receiving.origins ?? []);
    const allowed = await authorize(request);
    if (allowed instanceof Response) return allowed;
    if (allowed !== true) throw new FieldFileError('permission', 'authorize did not allow it.');
    const received = await receive(request, { ...receiving, ...(user ? { user: await user(request) } : {}) });
    try {
      return await handle(received, request);
    } finally {
      await received[Symbol.asyncDispose]();
    }
  } catch (error) {
    return problem(error, { request, ...(onError ? { onError } : {}) });
  } finally {
    // What was not asked for is not waited for.
    if (request.body && !request.body.locked) await request.body.cancel().catch(() => {});
  }
}
