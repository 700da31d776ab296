import type { Links } from './links.ts';

const COOKIE = 'fieldfile-link';

/** The sessions that a request has. There may be those of other links. */
export function sessionsOf(request: Request): readonly string[] {
  const pairs = (request.headers.get('cookie') ?? '').split(';').map(pair => pair.trim());
  return pairs.filter(pair => pair.startsWith(`${COOKIE}=`)).map(pair => pair.slice(COOKIE.length + 1));
}

/** Sent with requests for this link and no other, and to no script. */
export function sessionCookie(
  request: Request,
  { baseUrl, sessionSeconds }: Links,
  token: string,
  session: string,
): string {
  const path = new URL(baseUrl, 'http://localhost').pathname + token;
  const secure = [baseUrl, request.url].some(url => url.startsWith('https:')) ? '; Secure' : '';
  return `${COOKIE}=${session}; Path=${path}; Max-Age=${sessionSeconds}; HttpOnly; SameSite=Lax${secure}`;
}
