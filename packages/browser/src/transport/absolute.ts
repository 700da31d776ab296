/** As the page would resolve it. A worker that was made of a `Blob` has the page's origin and no path. */
export function absolute(url: string | URL, base?: string): string {
  const { protocol, origin, href } = globalThis.location ?? {};
  return new URL(url, base ?? (protocol === 'blob:' ? origin : href)).href;
}
