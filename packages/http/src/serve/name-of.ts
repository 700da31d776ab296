/**
 * The object's name in the path of a request, decoded: what follows `prefix`. Empty where the path does not begin so or is
 * malformed, which `serve` answers with 400.
 *
 * @example
 * ```ts
 * import { nameOf } from '@fieldfile/http';
 *
 * nameOf(new Request('http://localhost/files/2026/gr%C3%BC%C3%9Fe.txt'), '/files/'); // '2026/grüße.txt'
 * ```
 */
export function nameOf(request: Request, prefix: string): string {
  const { pathname } = new URL(request.url);
  if (!pathname.startsWith(prefix)) return '';
  try {
    return decodeURIComponent(pathname.slice(prefix.length));
  } catch {
    return '';
  }
}
