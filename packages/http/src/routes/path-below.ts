import { FieldFileError } from '@fieldfile/storage';

/** @throws `invalid-argument` for what is neither a path nor an http(s) URL. */
export function checkBaseUrl(baseUrl: unknown, what: string): void {
  if (typeof baseUrl === 'string' && /^(\/(?!\/)|https?:\/\/)[^?#\\\s]*$/.test(baseUrl)) return;
  throw new FieldFileError(
    'invalid-argument',
    `${what} cannot use baseUrl ${JSON.stringify(baseUrl)}: give a path such as "/files/", or an http(s) URL.`,
    { operation: what },
  );
}

/**
 * What stands behind the base in a request's path, decoded. Undefined: nothing, or another path.
 *
 * @throws `invalid-argument` for a path that no text was encoded as.
 */
export function pathBelow(baseUrl: string, request: Request): string | undefined {
  const base = new URL(baseUrl, LOCAL).pathname.replace(/\/*$/, '/');
  const { pathname } = new URL(request.url, LOCAL);
  if (!pathname.startsWith(base) || pathname.length === base.length) return undefined;
  try {
    return decodeURIComponent(pathname.slice(base.length));
  } catch (error) {
    throw new FieldFileError('invalid-argument', 'The path of the request is not UTF-8.', {
      operation: 'files',
      cause: error,
    });
  }
}

const LOCAL = 'http://localhost';
