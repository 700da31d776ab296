import { connect, createServer, type Socket } from 'node:net';

/** What goes wrong on a connection. */
export interface ConnectionFault {
  /** Reset once so many bytes went to the server. */
  readonly resetAfterSentBytes?: number;
  /** Reset once so many bytes came back. */
  readonly resetAfterReceivedBytes?: number;
  /** Let nothing come back. */
  readonly blackhole?: boolean;
}

/** A proxy in front of a server, whose next connections go wrong as told. */
export class FaultProxy implements AsyncDisposable {
  readonly endpoint: string;
  /** Asked once for every request that begins; undefined: all goes well. */
  faultOf: (firstLine: string) => ConnectionFault | undefined = () => undefined;
  readonly #close: () => Promise<void>;

  static async start(target: string): Promise<FaultProxy> {
    const { hostname, port } = new URL(target);
    const sockets = new Set<Socket>();
    let proxy: FaultProxy | undefined;
    const server = createServer(client => {
      const upstream = connect(Number(port), hostname);
      let fault: ConnectionFault | undefined;
      let sent = 0;
      let received = 0;
      const end = (): void => {
        client.resetAndDestroy();
        upstream.resetAndDestroy();
      };
      for (const socket of [client, upstream]) {
        sockets.add(socket);
        socket
          .on('error', () => {})
          .on('close', () => {
            sockets.delete(socket);
            client.destroy();
            upstream.destroy();
          });
      }
      client.on('data', bytes => {
        const firstLine = bytes.toString('latin1', 0, 2000).match(/^[A-Z]+ \S+ HTTP\/1\.1/)?.[0];
        if (firstLine) {
          fault = proxy?.faultOf(firstLine);
          sent = 0;
          received = 0;
        }
        sent += bytes.length;
        upstream.write(bytes);
        if (fault?.resetAfterSentBytes !== undefined && sent > fault.resetAfterSentBytes) end();
      });
      upstream.on('data', bytes => {
        if (fault?.blackhole) return;
        received += bytes.length;
        const limit = fault?.resetAfterReceivedBytes;
        if (limit === undefined || received <= limit) return void client.write(bytes);
        client.write(bytes.subarray(0, Math.max(0, bytes.length - (received - limit))), end);
      });
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('The proxy has no port.');
    proxy = new FaultProxy(`http://127.0.0.1:${address.port}`, async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>(resolve => server.close(() => resolve()));
    });
    return proxy;
  }

  private constructor(endpoint: string, close: () => Promise<void>) {
    this.endpoint = endpoint;
    this.#close = close;
  }

  /** The first `times` requests like this go wrong. */
  fail(fault: ConnectionFault, request: RegExp, times = 1): void {
    let left = times;
    this.faultOf = firstLine => (left > 0 && request.test(firstLine) && left-- > 0 ? fault : undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}
