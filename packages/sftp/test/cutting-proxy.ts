import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands in front of a server, and cuts connections as it is told. What is said over them is encrypted, and not looked at. */
export interface CuttingProxy extends AsyncDisposable {
  readonly port: number;
  /** Cuts the connection that carries the server's nth packet from now on, from 1, before the packet arrives. */
  cutAt(nth: number): void;
  /** The same, and nobody gets through any more: the process dies. */
  dieAt(nth: number): void;
  /** Whether it has come to that. */
  readonly hasCut: boolean;
  /** From now on the server's packets arrive nowhere. */
  swallow(): void;
}

export async function startCuttingProxy(port: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let left = Number.POSITIVE_INFINITY;
  let swallows = false;
  let dies = false;
  const server = createServer(client => {
    if (dies && left <= 0) {
      client.destroy();
      return;
    }
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(socket);
          client.destroy();
          upstream.destroy();
        });
    }
    client.pipe(upstream);
    upstream.on('data', packet => {
      if (swallows) return;
      left -= 1;
      if (left === 0) client.destroy();
      else client.write(packet);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cutAt(nth) {
      left = nth;
    },
    dieAt(nth) {
      left = nth;
      dies = true;
    },
    get hasCut() {
      return left <= 0;
    },
    swallow() {
      swallows = true;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
