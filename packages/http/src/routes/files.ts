import { FieldFileError, isStorage, type Storage } from '@fieldfile/storage';
import { knownOptions } from '@fieldfile/storage/backend';
import { methodNotAllowed, problem } from '../errors/problem.ts';
import { nameOf } from '../serve/name-of.ts';
import type { ServeOptions } from '../serve/options.ts';
import type { Servable } from '../serve/servable.ts';
import { serve } from '../serve/serve.ts';
import { basePath } from './base-url.ts';
import { checkUrlSeconds, placeOf, redirected } from './redirect.ts';

/** `'proxy'`: the bytes go through the handler. `'redirect'`: the client fetches them at a signed URL of the storage. */
export type Delivery = 'proxy' | 'redirect';

/** A file that was asked for. */
export interface FileRequest<File extends Servable = Servable> {
  readonly request: Request;
  /** What stands behind the base in the request's path, decoded. */
  readonly path: string;
  readonly file: File;
  /** Where the file is, as far as it says. */
  readonly storage: Storage | undefined;
}

export interface FilesOptions<File extends Servable = Servable> {
  /** Where the handler is: a path such as `/files/`, or a URL, whose path counts. */
  readonly baseUrl: string;
  /**
   * The file of a path: a storage, whose objects have the path as their name, or a function. `undefined` and an error
   * `not-found` are answered with 404.
   */
  readonly find:
    | Storage
    | ((path: string, request: Request) => File | null | undefined | Promise<File | null | undefined>);
  /**
   * Whether this request may read this file. Only `true` allows; a response, such as one that asks to sign in, is the
   * answer. With a storage to find in, it is asked before the storage is. Default: nobody may read anything.
   */
  readonly authorize?: (asked: FileRequest<File>) => boolean | Response | Promise<boolean | Response>;
  /**
   * How allowed files are delivered; a function says it for each, by its storage for example. A storage without URLs is
   * always a proxy's. Default: `'proxy'`.
   */
  readonly deliver?: Delivery | ((asked: FileRequest<File>) => Delivery);
  /**
   * How long the signed URL of a redirect holds, in seconds, at least 2. Browsers may keep the redirect for half of that, so
   * that it never leads to a URL that is over. Default: 300.
   */
  readonly urlSeconds?: number;
  /** Answer 404 instead of 403 where it is not allowed, as if there were no such file. Default: false. */
  readonly conceal?: boolean;
  /** How files are served; a function says it for each. */
  readonly serve?: ServeOptions | ((asked: FileRequest<File>) => ServeOptions);
}

/**
 * A Web handler for the files of an application. It denies by default: what `authorize` does not allow is 403.
 *
 * @throws `invalid-argument` for an option that is none.
 *
 * @example
 * ```ts
 * import { files } from '@fieldfile/http';
 * import { MemoryStorage } from '@fieldfile/memory';
 *
 * declare function userOf(request: Request): Promise<{ readonly id: string } | undefined>;
 *
 * export const handler = files({
 *   baseUrl: '/files/',
 *   find: new MemoryStorage(),
 *   authorize: async ({ request, path }) => path.startsWith(`${(await userOf(request))?.id}/`),
 * });
 * ```
 */
export function files<File extends Servable = Servable>(
  options: FilesOptions<File>,
): (request: Request) => Promise<Response> {
  knownOptions(options, OPTIONS, { what: 'files', operation: 'files' });
  const base = basePath(options.baseUrl, 'files');
  checkUrlSeconds(options.urlSeconds);
  for (const option of ['find', 'authorize'] as const)
    if (!isGiven(option, options[option]))
      throw new FieldFileError('invalid-argument', `files cannot use ${option}: give a function.`, {
        operation: 'files',
      });
  return async request => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed(['GET', 'HEAD']);
    try {
      return await answer(request, nameOf(request, base), options);
    } catch (error) {
      const { serve: given } = options;
      const onError = typeof given === 'object' ? given.onError : undefined;
      return problem(error, { request, ...(onError ? { onError } : {}) });
    }
  };
}

function isGiven(option: 'find' | 'authorize', value: unknown): boolean {
  if (typeof value === 'function') return true;
  return option === 'find' ? isStorage(value) : value === undefined;
}

const OPTIONS = ['baseUrl', 'find', 'authorize', 'deliver', 'urlSeconds', 'conceal', 'serve'];

async function answer<File extends Servable>(
  request: Request,
  path: string,
  options: FilesOptions<File>,
): Promise<Response> {
  const { authorize = () => false, deliver = 'proxy', conceal = false, urlSeconds } = options;
  const file = path === '' ? undefined : await find(path, request, options);
  if (!file) throw new FieldFileError('not-found', 'There is no such file.');
  const asked = { request, path, file, storage: placeOf(file)?.storage };
  const allowed = await authorize(asked);
  if (allowed instanceof Response) return allowed;
  if (allowed !== true)
    throw new FieldFileError(conceal ? 'not-found' : 'permission', 'authorize did not allow it.');
  const serving = (typeof options.serve === 'function' ? options.serve(asked) : options.serve) ?? {};
  const delivery = typeof deliver === 'function' ? deliver(asked) : deliver;
  const redirect = delivery === 'redirect' ? await redirected(file, serving, urlSeconds) : undefined;
  return redirect ?? serve(request, file, serving);
}

function find<File extends Servable>(
  path: string,
  request: Request,
  options: FilesOptions<File>,
): File | null | undefined | Promise<File | null | undefined> {
  if (!isStorage(options.find)) return options.find(path, request);
  // A storage finds objects of storages, whatever other files the type allows.
  return { storage: options.find, name: path } as Servable as File;
}
