import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable, Transform } from 'node:stream';
import { setTimeout } from 'node:timers/promises';

/** What happens to one request on its way. */
export type Fault =
  /** The connection is reset once so many bytes of the request's body went through. */
  | { readonly kind: 'reset-upload'; readonly afterBytes: number }
  /** The connection is reset once so many bytes of the answer's body came back. */
  | { readonly kind: 'reset-download'; readonly afterBytes: number }
  /** It is carried out, and the connection is reset before a byte of the answer. */
  | { readonly kind: 'lost-answer' }
  /** It is carried out, and nothing ever comes back. */
  | { readonly kind: 'no-answer' }
  /** It never arrives, and nothing ever comes back. */
  | { readonly kind: 'blackhole' }
  /** It never arrives: somebody on the way answers. `code` is the service's word, such as `SlowDown` or `ServerBusy`. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly code?: string;
      readonly retryAfterSeconds?: number;
      /** Before its body has come. Default: after it. */
      readonly early?: boolean;
    }
  /** It never arrives: something that is no store answers 200 and a web page, as a login page in the way does. */
  | { readonly kind: 'page'; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** Its body and the answer's go through in pieces, with a pause after each. */
  | { readonly kind: 'trickle'; readonly pieceBytes: number; readonly pauseMs: number };

/** A request as faults are planned for it. */
export interface SeenRequest {
  readonly method: string;
  /** Decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

/** The fault of a request; undefined for none. */
export type Plan = (request: SeenRequest) => Fault | undefined;

type Direction = 'upload' | 'download';

/** How many bytes may still pass. */
interface Limit {
  left: number;
}

const beginsUpload = ({ query }: SeenRequest): boolean =>
  query.has('uploads') || query.get('uploadType') === 'resumable';

const BUSY: Extract<Fault, { kind: 'status' }> = { kind: 'status', status: 503, code: 'ServerBusy' };

/** Whether a request may change something. */
export const mutates = ({ method }: SeenRequest): boolean => !['GET', 'HEAD', 'OPTIONS'].includes(method);

/**
 * An HTTP proxy on a free loopback port in which requests go wrong as planned. What a client signed stays good: `Host`
 * is passed on as the client sent it.
 *
 * @example
 * ```ts
 * import { FaultProxy, mutates } from '@fieldfile/test-servers/fault-proxy';
 *
 * await using proxy = await FaultProxy.start('http://127.0.0.1:9000');
 * proxy.once(mutates, { kind: 'lost-answer' });
 * console.log(proxy.endpoint);
 * ```
 */
export class FaultProxy implements AsyncDisposable {
  readonly endpoint: string;
  readonly #target: URL;
  readonly #agent: Agent;
  readonly #close: () => Promise<void>;
  #plan: Plan = () => undefined;
  #struck = 0;
  #limits: Readonly<Partial<Record<Direction, Limit>>> = {};

  private constructor(endpoint: string, target: URL, agent: Agent, close: () => Promise<void>) {
    this.endpoint = endpoint;
    this.#target = target;
    this.#agent = agent;
    this.#close = close;
  }

  /** @param target the server's endpoint: `http://127.0.0.1:9000`. */
  static async start(target: string): Promise<FaultProxy> {
    // A kept connection might be closed by the server just when the next request is sent: a fault nobody planned.
    const agent = new Agent({ keepAlive: false });
    const server = createServer({ requestTimeout: 0, keepAliveTimeout: 0 }, (message, response) =>
      proxy.#pass(message, response),
    );
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const proxy = new FaultProxy(`http://127.0.0.1:${port}`, new URL(target), agent, async () => {
      server.closeAllConnections();
      agent.destroy();
      await new Promise(resolve => server.close(resolve));
    });
    return proxy;
  }

  /** No store at all: a web page for every request, with an ETag as a file server gives it. */
  static async startPage(): Promise<FaultProxy> {
    const proxy = await FaultProxy.start('http://127.0.0.1:1');
    proxy.plan = () => ({ kind: 'page', headers: { etag: '"a-web-page"' } });
    return proxy;
  }

  /**
   * In front of `target`, whose `nth` request that changes something goes wrong: by a 503 after its body or before it, or
   * by a lost answer. Not by a lost answer to what begins an upload: nobody could know of that one, and it would be left.
   */
  static async startFaltering(
    target: string,
    nth: number,
    how: 'busy' | 'early' | 'lost',
  ): Promise<FaultProxy> {
    const proxy = await FaultProxy.start(target);
    if (how !== 'lost') proxy.once(mutates, { ...BUSY, early: how === 'early' }, nth);
    else proxy.once(request => mutates(request) && !beginsUpload(request), { kind: 'lost-answer' }, nth);
    return proxy;
  }

  /** Asked once for every request. Setting it forgets the plan before, and what struck. */
  set plan(plan: Plan) {
    this.#plan = plan;
    this.#struck = 0;
    this.#limits = {};
  }

  /** How many faults really happened since the plan was made: a reset behind the last byte does not. */
  get struck(): number {
    return this.#struck;
  }

  /** All goes well from now on. */
  heal(): void {
    this.plan = () => undefined;
  }

  /** Strikes the `nth` request that fits, from 1, and no other. */
  once(fits: (request: SeenRequest) => boolean, fault: Fault, nth = 1): void {
    let seen = 0;
    this.plan = request => (fits(request) && ++seen === nth ? fault : undefined);
  }

  /** Resets one connection, once so many bytes of bodies went that way from now on, whichever requests carry them. */
  resetOnceAfter(direction: Direction, bytes: number): void {
    this.heal();
    this.#limits = { [direction]: { left: bytes } };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  #pass(message: IncomingMessage, response: ServerResponse): void {
    const fault = this.#plan(seen(message));
    const limits = { ...this.#limits };
    if (fault?.kind === 'reset-upload') limits.upload = { left: fault.afterBytes };
    else if (fault?.kind === 'reset-download') limits.download = { left: fault.afterBytes };
    else if (fault) this.#struck++;

    if (fault?.kind === 'blackhole') return void message.resume();
    if (fault?.kind === 'page') return void answerByPage(fault, message, response);
    if (fault?.kind === 'status') return void answerInstead(fault, message, response);

    const reset = (): void => void response.socket?.resetAndDestroy();
    const strike = (): void => {
      this.#struck++;
      forwarded.destroy();
      reset();
    };
    const pace = fault?.kind === 'trickle' ? fault : undefined;
    let answered = false;
    const forwarded = request(
      {
        host: this.#target.hostname,
        port: this.#target.port,
        method: message.method,
        // As it came: a URL object would take "." and ".." for folders.
        path: message.url,
        headers: endToEnd(message.headers),
        agent: this.#agent,
      },
      answer => {
        answered = true;
        answer.on('error', reset);
        if (fault?.kind === 'lost-answer') return void answer.resume().on('end', reset);
        if (fault?.kind === 'no-answer') return void answer.resume();
        response.writeHead(answer.statusCode ?? 500, endToEnd(answer.headers));
        paced(answer, pace).pipe(metered(limits.download, strike)).pipe(response);
      },
    );
    // A server may refuse before it has taken the whole body: its answer counts.
    forwarded.on('error', () => (answered ? message.resume() : reset()));
    message.on('close', () => {
      if (!message.complete) forwarded.destroy();
    });
    paced(message, pace).pipe(metered(limits.upload, strike)).pipe(forwarded);
  }
}

function seen({ method = 'GET', url = '/', headers }: IncomingMessage): SeenRequest {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  return { method, path: decodeURIComponent(pathname), query: searchParams, headers };
}

/** Without what is between this proxy and its neighbour. */
function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { connection: _connection, 'keep-alive': _keepAlive, ...others } = headers;
  return others;
}

/** In the words of all three services: S3 and Google's XML API have the code in the body, Azure in a header. */
function answerInstead(
  { status, code = 'Planned', retryAfterSeconds, early = false }: Extract<Fault, { kind: 'status' }>,
  message: IncomingMessage,
  response: ServerResponse,
): void {
  const answer = (): void => {
    if (retryAfterSeconds !== undefined) response.setHeader('retry-after', retryAfterSeconds);
    response
      .writeHead(status, { 'content-type': 'application/xml', 'x-ms-error-code': code })
      .end(`<Error><Code>${code}</Code><Message>planned</Message></Error>`);
  };
  message.resume();
  if (early) answer();
  else message.on('end', answer);
}

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sign in</title></head>
<body><form method="post"><input name="user"><br><button>Sign in</button></form></body></html>
`;

function answerByPage(
  { headers = {}, body = PAGE }: Extract<Fault, { kind: 'page' }>,
  message: IncomingMessage,
  response: ServerResponse,
): void {
  message.resume().on('end', () => {
    const type = { 'content-type': 'text/html; charset=utf-8', 'content-length': Buffer.byteLength(body) };
    response.writeHead(200, { ...type, ...headers }).end(body);
  });
}

/** Lets as many bytes through as are left, then calls `onSpent` and lets nothing through. */
function metered(limit: Limit | undefined, onSpent: () => void): Transform {
  return new Transform({
    transform(chunk: Uint8Array, _encoding, callback) {
      if (!limit) return callback(null, chunk);
      const passing = chunk.subarray(0, Math.max(0, limit.left));
      limit.left -= chunk.byteLength;
      if (passing.byteLength > 0) this.push(passing);
      if (limit.left >= 0) return callback();
      // One that several requests share is spent once.
      limit.left = Number.POSITIVE_INFINITY;
      // A turn later, so that what passed is on its way.
      setImmediate(onSpent);
    },
  });
}

function paced(body: Readable, pace: { pieceBytes: number; pauseMs: number } | undefined): Readable {
  if (!pace) return body;
  const { pieceBytes, pauseMs } = pace;
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for await (const chunk of body as AsyncIterable<Uint8Array>)
      for (let start = 0; start < chunk.byteLength; start += pieceBytes) {
        yield chunk.subarray(start, start + pieceBytes);
        await setTimeout(pauseMs, undefined, { ref: false });
      }
  }
  // A body that breaks off is the business of whoever watches its connection.
  return Readable.from(pieces()).on('error', () => {});
}
