import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of another origin, whose rule lets pages upload, as that of a bucket does. */
export async function crossOrigin(
  target: () => string,
): Promise<AsyncDisposable & { readonly origin: string }> {
  const server = createServer((incoming, response) => {
    const open = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'etag, retry-after' };
    if (incoming.method === 'OPTIONS') {
      const asked = incoming.headers['access-control-request-headers'] ?? '';
      response.writeHead(204, {
        ...open,
        'access-control-allow-headers': asked,
        'access-control-allow-methods': 'PUT',
      });
      response.end();
      return;
    }
    const { method = 'GET', headers, url } = incoming;
    const onward = request(new URL(url ?? '/', target()), { method, headers }, answer => {
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...open });
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
