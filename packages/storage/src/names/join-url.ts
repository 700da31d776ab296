import { filepathToUri } from './filepath-to-uri.ts';
import { traversalAttempt } from './suspicious-name.ts';

/**
 * The URL of an object below `baseUrl`, which may lack its last `/`: `("/media", "d/a b.txt")` → `"/media/d/a%20b.txt"`.
 * However the name begins, the result is below the base; `''` is the base itself.
 *
 * Joined as text on purpose: `new URL` reads `\` as `/`, drops tabs and resolves `..` out of the base.
 *
 * @throws `suspicious-name` for dot segments, which every client would resolve (Django lets `../x` leave the base).
 */
export function joinUrl(baseUrl: string, name: string): string {
  const path = filepathToUri(name).split('/').filter(Boolean);
  if (path.includes('..') || path.includes('.')) throw traversalAttempt(name);
  return (baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`) + path.join('/');
}
