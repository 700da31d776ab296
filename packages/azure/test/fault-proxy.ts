import { connect, createServer, type Socket } from 'node:net';

/** What may go wrong between client and service. */
export type Fault =
  /** The connection is reset after so many bytes of requests. */
  | { readonly resetAfterSent: number }
  /** The connection is reset after so many bytes of answers. */
  | { readonly resetAfterReceived: number }
  /** The n-th request, from 1, is carried out and its answer lost. */
  | { readonly loseAnswer: number }
  /** The n-th request is answered 503 by somebody on the way. */
  | { readonly refuse: number }
  /** Nothing is ever answered. */
  | { readonly silence: true };

export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  /** What happens once, from now on; counts begin anew. */
  inject(fault: Fault | undefined): void;
  /** Whether it happened. */
  readonly happened: boolean;
}

/** A proxy on a free loopback port. Requests are told apart by whose turn it is: one at a time on a connection. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  let fault: Fault | undefined;
  let happened = false;
  let sent = 0;
  let received = 0;
  let requests = 0;
  const sockets = new Set<Socket>();
  const strike = (): void => {
    happened = true;
    fault = undefined;
  };
  const server = createServer(client => {
    const service = connect(targetPort, '127.0.0.1');
    let isAnswering = true;
    let isLost = false;
    const reset = (): void => {
      client.resetAndDestroy();
      service.resetAndDestroy();
    };
    for (const socket of [client, service]) {
      sockets.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(socket);
          (socket === client ? service : client).end();
        });
    }
    client.on('data', data => {
      if (isAnswering) requests++;
      isAnswering = false;
      sent += data.byteLength;
      if (fault && 'silence' in fault) {
        happened = true;
        return;
      }
      if (fault && 'refuse' in fault && fault.refuse === requests) {
        strike();
        client.end('HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
        return;
      }
      if (fault && 'resetAfterSent' in fault && sent > fault.resetAfterSent) {
        strike();
        return reset();
      }
      if (fault && 'loseAnswer' in fault && fault.loseAnswer === requests) {
        strike();
        isLost = true;
      }
      service.write(data);
    });
    service.on('data', data => {
      isAnswering = true;
      received += data.byteLength;
      if (isLost) {
        client.resetAndDestroy();
        return;
      }
      if (fault && 'resetAfterReceived' in fault && received > fault.resetAfterReceived) {
        strike();
        return reset();
      }
      client.write(data);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    inject(next) {
      fault = next;
      happened = false;
      sent = received = requests = 0;
    },
    get happened() {
      return happened;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
