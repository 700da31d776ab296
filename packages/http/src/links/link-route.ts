import { FieldFileError } from '@fieldfile/storage';
import { knownOptions } from '@fieldfile/storage/backend';
import { methodNotAllowed, problem, problemResponse } from '../errors/problem.ts';
import type { ServeOptions } from '../serve/options.ts';
import { serve } from '../serve/serve.ts';
import type { Link } from './link.ts';
import { linkPage } from './link-page.ts';
import { isPrefetch, isPreview } from './link-preview.ts';
import { isLinkRefused, type LinkRefusal } from './link-refused.ts';
import type { Links, OpenLink } from './links.ts';
import { sessionCookie, sessionsOf } from './session-cookie.ts';

export interface LinkRouteOptions {
  /**
   * Whether this client may use the link, beside having it: compare `link.for` with who is signed in. Only `true` allows.
   * Default: whoever has the link.
   */
  readonly authorize?: (context: {
    readonly request: Request;
    readonly link: Link;
  }) => boolean | Promise<boolean>;
  /**
   * Answer a first GET with a page whose button makes the use, so that no program that opens links to look at them uses one
   * up. A function gives a page of your own, with a form that posts to its own address. Default: false.
   */
  readonly confirm?: boolean | ((request: Request) => Response | Promise<Response>);
  /** How files are served. */
  readonly serve?: Omit<ServeOptions, 'cacheControl' | 'immutable' | 'download' | 'disposition'>;
}

/**
 * The route of links, a Web handler. The last part of the path is the link.
 *
 * A use is the first GET of a client that is answered with bytes. It sets a cookie, and with it the client reads on for
 * `sessionSeconds`: seeking, continuing and looking again are no uses, nor are HEAD, answers without bytes, prefetching and the
 * previews of messengers, which get a page without the file. Each request asks the store, the row and the storage.
 *
 * @throws `invalid-argument` for an option that is none.
 *
 * @example
 * ```ts
 * import { linkRoute, type Links } from '@fieldfile/http/links';
 *
 * declare const links: Links;
 * const route = linkRoute(links);
 * export default { fetch: (request: Request) => route(request) };
 * ```
 */
export function linkRoute(
  links: Links,
  options: LinkRouteOptions = {},
): (request: Request) => Promise<Response> {
  knownOptions(options, ['authorize', 'confirm', 'serve'], { what: 'linkRoute', operation: 'linkRoute' });
  return async request => {
    try {
      return discreet(await answer(request, links, options));
    } catch (error) {
      const { onError } = options.serve ?? {};
      if (isLinkRefused(error)) return discreet(refused(error.reason, request));
      return discreet(problem(error, { request, ...(onError ? { onError } : {}) }));
    }
  };
}

async function answer(request: Request, links: Links, options: LinkRouteOptions): Promise<Response> {
  const { authorize, confirm = false } = options;
  const methods = confirm ? ['GET', 'HEAD', 'POST'] : ['GET', 'HEAD'];
  if (!methods.includes(request.method)) return methodNotAllowed(methods);
  const token = tokenOf(request);
  const allow = async (link: Link): Promise<boolean> =>
    authorize === undefined || (await authorize({ request, link })) === true;
  const opened = await links.open(token, { sessions: sessionsOf(request), allow });
  if (request.method === 'POST') return confirmed(request, links, token, opened);
  if (!opened.isInUse) {
    if (isPrefetch(request)) return notInAdvance(request);
    if (isPreview(request)) return linkPage('preview', request);
    if (confirm) return typeof confirm === 'function' ? confirm(request) : linkPage('confirm', request);
  }
  const { download, disposition } = opened.link;
  const response = await serve(request, opened.file, {
    ...options.serve,
    cacheControl: 'private, no-store',
    ...(download === null ? {} : { download }),
    ...(disposition === null ? {} : { disposition }),
  });
  const hasBytes = request.method === 'GET' && (response.status === 200 || response.status === 206);
  return hasBytes && !opened.isInUse ? used(request, links, token, opened, response) : response;
}

/** Counts right before the first byte is sent, so that nothing is counted that was not given. */
async function used(
  request: Request,
  links: Links,
  token: string,
  opened: OpenLink,
  response: Response,
): Promise<Response> {
  try {
    const session = await opened.use();
    response.headers.append('set-cookie', sessionCookie(request, links, token, session));
    return response;
  } catch (error) {
    await response.body?.cancel();
    throw error;
  }
}

/** Somebody pressed the button. */
async function confirmed(request: Request, links: Links, token: string, opened: OpenLink): Promise<Response> {
  const headers = new Headers({ location: links.baseUrl + token });
  if (!opened.isInUse) headers.append('set-cookie', sessionCookie(request, links, token, await opened.use()));
  return new Response(null, { status: 303, headers });
}

/** Ended for good is 410, so that nobody asks again. */
function refused(reason: LinkRefusal, request: Request): Response {
  if (reason === 'unknown') return problem(new FieldFileError('not-found', 'No link'), { request });
  if (reason === 'not-allowed') return problem(new FieldFileError('permission', 'No'), { request });
  return problemResponse({ status: 410, title: GONE[reason] }, `link-${reason}`, new Headers(), request);
}

const GONE: Readonly<Record<Exclude<LinkRefusal, 'unknown' | 'not-allowed'>, string>> = {
  expired: 'This link has expired',
  'used-up': 'This link was used as often as it may be',
  'taken-back': 'This link was taken back',
  'row-gone': 'What this link was for is not there any more',
  'file-gone': 'The file of this link is not there any more',
  'file-changed': 'The file of this link was changed since',
};

/** A browser that is refused asks again when somebody really goes there. */
const notInAdvance = (request: Request): Response =>
  problemResponse({ status: 503, title: 'Not in advance' }, 'link-prefetch', new Headers(), request);

/** The address is the secret: it is told to no other site, and to no search engine. */
function discreet({ body, status, headers: given }: Response): Response {
  const headers = new Headers(given);
  headers.set('referrer-policy', 'no-referrer');
  headers.set('x-robots-tag', 'noindex, nofollow');
  headers.set('cache-control', 'private, no-store');
  return new Response(body, { status, headers });
}

const tokenOf = (request: Request): string => new URL(request.url).pathname.split('/').at(-1) ?? '';
