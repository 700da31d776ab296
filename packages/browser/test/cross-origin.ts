import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';

/** A server of another origin. */
export interface CrossOrigin extends AsyncDisposable {
  readonly origin: string;
  /** Answers in place of the server, if it returns true. It is not asked of what a page asks beforehand. */
  instead: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Whether a byte of this request's body is another when it arrives. */
  damages: (request: IncomingMessage) => boolean;
}

/** One whose rule lets pages upload, as that of a bucket does. */
export async function crossOrigin(target: () => string): Promise<CrossOrigin> {
  const server = createServer((incoming, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-expose-headers', 'etag, retry-after');
    if (incoming.method === 'OPTIONS') {
      response.writeHead(204, {
        'access-control-allow-headers': incoming.headers['access-control-request-headers'] ?? '',
        'access-control-allow-methods': 'PUT',
      });
      response.end();
      return;
    }
    if (gate.instead(incoming, response)) return;
    const { method = 'GET', headers, url } = incoming;
    const onward = request(new URL(url ?? '/', target()), { method, headers }, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => response.writableFinished || onward.destroy());
    if (gate.damages(incoming)) incoming.pipe(damaging()).pipe(onward);
    else incoming.pipe(onward);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()));
  const gate: CrossOrigin = {
    instead: () => false,
    damages: () => false,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return gate;
}

/** The first byte that comes is another. */
function damaging(): Transform {
  let isDone = false;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      if (!isDone) chunk[0] = (chunk[0] ?? 0) ^ 1;
      isDone = true;
      done(null, chunk);
    },
  });
}
