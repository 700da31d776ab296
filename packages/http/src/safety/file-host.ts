/**
 * A host that serves files and nothing else, without cookies: `'files.example.net'`, with its port where it has one. `true`
 * where requests come to no other.
 */
export type FileHost = string | true;

/**
 * Whether a request came to the declared host. By its `Host`, and by no header of a proxy: anybody can send those, and a
 * cache would keep the answer.
 */
export function isOnFileHost(request: Request, fileHost: FileHost | undefined): boolean {
  if (fileHost === undefined) return false;
  if (fileHost === true) return true;
  const host = request.headers.get('host') ?? new URL(request.url).host;
  return host.toLowerCase() === fileHost.toLowerCase();
}
