import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';

/** What happens to one request on its way. */
export type Fault =
  /** It is carried out, and nobody hears of it. */
  | { readonly kind: 'lost-answer' }
  /** The connection breaks after so many bytes of the request's body. */
  | { readonly kind: 'reset-upload'; readonly afterBytes: number }
  /** The connection breaks after so many bytes of the answer's body. */
  | { readonly kind: 'reset-download'; readonly afterBytes: number }
  /** It is answered in the server's stead. */
  | { readonly kind: 'status'; readonly status: number; readonly code: string }
  /** It is never answered. */
  | { readonly kind: 'blackhole' };

/** A request as faults are planned for it, by what the SDK says of it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

/** An HTTP proxy on loopback in which requests go wrong as planned. Signatures stay good: the host is the proxy's. */
export class FaultProxy implements AsyncDisposable {
  readonly endpoint: string;
  /** The fault of a request; undefined for none. */
  plan: (request: SeenRequest) => Fault | undefined = () => undefined;
  readonly #close: () => Promise<void>;

  constructor(endpoint: string, close: () => Promise<void>) {
    this.endpoint = endpoint;
    this.#close = close;
  }

  static async start(target: string): Promise<FaultProxy> {
    const server = createServer((message, response) => proxy.#pass(target, message, response));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const proxy = new FaultProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    });
    return proxy;
  }

  /** Strikes the first request that fits. */
  once(fits: (request: SeenRequest) => boolean, fault: Fault): void {
    let struck = false;
    this.plan = seen => {
      if (struck || !fits(seen)) return undefined;
      struck = true;
      return fault;
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  #pass(target: string, message: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', url = '/', headers } = message;
    const { pathname, searchParams } = new URL(url, target);
    const fault = this.plan({ method, path: decodeURIComponent(pathname), query: searchParams });
    const break_ = (): void => void response.socket?.resetAndDestroy();
    if (fault?.kind === 'blackhole') return void message.resume();
    if (fault?.kind === 'status') {
      message.resume();
      const body = `<Error><Code>${fault.code}</Code><Message>planned</Message></Error>`;
      return void message.on('end', () =>
        response.writeHead(fault.status, { 'content-type': 'application/xml' }).end(body),
      );
    }
    const forwarded = request(new URL(url, target), { method, headers }, answer => {
      if (fault?.kind === 'lost-answer') return void answer.resume().on('end', break_);
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      const limit = fault?.kind === 'reset-download' ? fault.afterBytes : Number.POSITIVE_INFINITY;
      answer.pipe(upTo(limit, break_)).pipe(response);
    });
    forwarded.on('error', break_);
    message.on('close', () => {
      if (!message.complete) forwarded.destroy();
    });
    const limit = fault?.kind === 'reset-upload' ? fault.afterBytes : Number.POSITIVE_INFINITY;
    message
      .pipe(
        upTo(limit, () => {
          forwarded.destroy();
          break_();
        }),
      )
      .pipe(forwarded);
  }
}

function upTo(limit: number, then: () => void): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, callback) {
      passed += chunk.byteLength;
      if (passed <= limit) return callback(null, chunk);
      then();
    },
  });
}
