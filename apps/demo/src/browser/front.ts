import { createServer, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One address in front of several servers of an application, as a load balancer has it. */
export interface Front extends AsyncDisposable {
  readonly url: string;
  /** What was asked of each server, by its URL: `POST /claims/s3`. */
  asked(url: string): readonly string[];
  /** From now on this server answers. Connections to the one before are cut. */
  use(url: string): void;
}

export async function startFront(first: string): Promise<Front> {
  let current = first;
  const asked = new Map<string, string[]>();
  const open = new Set<Socket>();
  const server = createServer((incoming, response) => {
    const { method = 'GET', headers, url = '/' } = incoming;
    asked.set(current, [...(asked.get(current) ?? []), `${method} ${url}`]);
    const onward = request(new URL(url, current), { method, headers }, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  server.on('connection', socket => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    asked: url => asked.get(url) ?? [],
    use(url) {
      current = url;
      for (const socket of open) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
