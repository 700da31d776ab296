import { isAllowedOrigin, type Origins } from '../routes/origins.ts';
import { refusedRequest } from './refused-request.ts';

/**
 * Refuses what a page of another origin has sent: a form with files can be sent by any page, with the user's cookies.
 *
 * 1. An origin that is allowed is.
 * 2. `Sec-Fetch-Site`, which no page can forge, must be `same-origin`, or `none`: the user's own doing.
 * 3. Without it, as on plain HTTP and in older browsers, the host of `Origin` must be the request's.
 * 4. With neither it is no browser: programs send no cookies of somebody else.
 *
 * @throws `cross-origin`.
 * @see https://words.filippo.io/csrf/
 */
export function requireSameOrigin(request: Request, origins: Origins): void {
  const { headers } = request;
  if (isAllowedOrigin(request, origins)) return;
  const site = headers.get('sec-fetch-site');
  const origin = headers.get('origin');
  const isOwn = site === null ? origin === null || hostOf(origin) === ownHost(request) : OWN.has(site);
  if (!isOwn)
    throw refusedRequest(
      'cross-origin',
      `A page of ${origin ?? `another origin (${site})`} has sent the request.`,
    );
}

const OWN: ReadonlySet<string> = new Set(['same-origin', 'none']);

/** Of `null`, and of what is no origin, there is none. */
const hostOf = (origin: string): string | undefined =>
  URL.canParse(origin) ? new URL(origin).host : undefined;

/** A proxy in front may speak HTTPS where the server does not, so only the host is compared. */
function ownHost({ url, headers }: Request): string {
  const { protocol, host } = new URL(url);
  const given = `${protocol}//${headers.get('host') ?? host}`;
  return URL.canParse(given) ? new URL(given).host : host;
}
