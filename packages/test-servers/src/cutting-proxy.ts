import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A connection between a client and servers, which can be cut and led elsewhere. */
export interface CuttingProxy extends AsyncDisposable {
  readonly origin: string;
  /** Where new connections go. */
  target: string;
  /** How many bytes go to the server before everything is cut; asked again after each cut. */
  nextCut: () => number;
  /** What happens to a server then, before its connection ends. */
  onCut: () => void;
  /** So often it was cut. */
  readonly cuts: number;
}

export async function cuttingProxy(target: string): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let left: number | undefined;
  const server = createServer({ allowHalfOpen: false }, client => {
    const upstream = connect(Number(new URL(proxy.target).port), '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}); // it is closed next
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    upstream.pipe(client);
    client.on('data', chunk => {
      if (left === undefined || left === Number.POSITIVE_INFINITY) left = proxy.nextCut();
      const isCut = chunk.byteLength > left;
      const passed = isCut ? chunk.subarray(0, left) : chunk;
      left -= passed.byteLength;
      const isTaken = upstream.write(passed, () => {
        if (!isCut) return;
        proxy.onCut();
        // As a lost network: the server is told by the end of the connection alone.
        client.destroy();
        upstream.destroy();
      });
      if (isCut) {
        client.pause();
        left = undefined;
        proxy.cuts++;
      } else if (!isTaken) {
        client.pause();
        upstream.once('drain', () => client.resume());
      }
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const proxy = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    target,
    nextCut: (): number => Number.POSITIVE_INFINITY,
    onCut: (): void => {},
    cuts: 0,
    async [Symbol.asyncDispose](): Promise<void> {
      const closed = new Promise(resolve => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return proxy;
}
