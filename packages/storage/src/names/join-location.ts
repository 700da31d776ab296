import { cleanName } from './clean-name.ts';
import { joinPath, normalizePath } from './posix-path.ts';
import { suspiciousName } from './suspicious-name.ts';

/**
 * The name of a name below a location (`'loc'`, or `''` for the top), as django-storages makes it:
 * `('loc', 'd/./a')` → `'loc/d/a'`. A last `/` is kept, so that a folder's prefix stays one.
 *
 * @throws `suspicious-name` when the name leads out of the location. At the top there is no outside: `../a` is `a`.
 */
export function joinLocation(location: string, name: string): string {
  const base = withoutLastSlashes(location);
  const cleaned = cleanName(name);
  let path = normalizePath(joinPath(`${base}/`, cleaned));
  if (cleaned.endsWith('/') || path === base) path += '/';
  if (!path.startsWith(`${base}/`))
    throw suspiciousName(
      'the joined path is located outside of the base path component',
      name,
      `Give a path relative to "${location}", without "..".`,
    );
  return path.replace(/^\/+/, '');
}

function withoutLastSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end--;
  return path.slice(0, end);
}
