import { FieldFileError } from '@fieldfile/storage';

/** The path of a handler's base, with `/` at its end. @throws `invalid-argument` for what is neither a path nor an http(s) URL. */
export function basePath(baseUrl: unknown, what: string): string {
  if (typeof baseUrl === 'string' && /^(\/(?!\/)|https?:\/\/)[^?#\\\s]*$/.test(baseUrl))
    return new URL(baseUrl, 'http://localhost').pathname.replace(/\/*$/, '/');
  throw new FieldFileError(
    'invalid-argument',
    `${what} cannot use baseUrl ${JSON.stringify(baseUrl)}: give a path such as "/files/", or an http(s) URL.`,
    { operation: what },
  );
}
