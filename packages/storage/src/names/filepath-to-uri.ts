import { suspiciousName } from './suspicious-name.ts';

/**
 * Percent-encodes a name for the path of a URL: `\` becomes `/`, and `/` with `A-Z a-z 0-9 - _ . ! ~ * ' ( )` stay.
 *
 * @throws `suspicious-name` for half a surrogate pair, which has no encoding.
 */
export function filepathToUri(name: string): string {
  if (!name.isWellFormed())
    throw suspiciousName(
      'The name has half a surrogate pair',
      name,
      'A URL cannot hold it; rename the object.',
    );
  return encodeURIComponent(name.replaceAll('\\', '/')).replaceAll('%2F', '/');
}
