import { normalizePath } from './posix-path.ts';

/**
 * django-storages' `clean_name`: normalised, then `\` to `/`, a last `/` kept. In that order, so that a `..` between
 * backslashes survives: only {@link joinLocation} may use the result.
 */
export function cleanName(name: string): string {
  const cleaned = normalizePath(name).replaceAll('\\', '/');
  if (name.endsWith('/') && !cleaned.endsWith('/')) return `${cleaned}/`;
  return cleaned === '.' ? '' : cleaned;
}
