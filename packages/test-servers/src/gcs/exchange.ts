import type { IncomingMessage, ServerResponse } from 'node:http';
import { GcsError, invalid } from './gcs-error.ts';

const JSON_LIMIT_BYTES = 1024 * 1024;

/** One request with the response it is given. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  /** The path as it was sent, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Scheme, host and port this request was sent to. */
  readonly origin: string;

  constructor(request: IncomingMessage, response: ServerResponse) {
    const [path = '', ...query] = (request.url ?? '').split('?');
    this.request = request;
    this.response = response;
    this.method = request.method ?? '';
    this.path = path;
    this.query = new URLSearchParams(query.join('?'));
    this.origin = `http://${request.headers.host ?? 'localhost'}`;
  }

  /** A request header as one string; Node has decoded it as Latin-1. */
  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value.join(',') : value;
  }

  /** The request's bytes. Stopping half-way leaves the connection usable for the answer. */
  async *body(): AsyncGenerator<Buffer, void, undefined> {
    yield* this.request.iterator({ destroyOnReturn: false });
  }

  /** The request's body as a JSON object; an empty body is an empty object. */
  async json(): Promise<Record<string, unknown>> {
    return parseJsonObject(await collect(this.body(), JSON_LIMIT_BYTES));
  }

  sendJson(value: unknown, status = 200, headers: Record<string, string> = {}): void {
    this.send(
      status,
      { 'content-type': 'application/json; charset=UTF-8', ...headers },
      JSON.stringify(value),
    );
  }

  send(status: number, headers: Record<string, string> = {}, body = ''): void {
    this.response.writeHead(status, { 'content-length': String(Buffer.byteLength(body)), ...headers });
    this.response.end(body);
  }

  sendError(error: GcsError, form: 'json' | 'text' | 'xml'): void {
    const { status, headers = {}, message } = error.refusal;
    if (status === 304 || this.method === 'HEAD') {
      this.response.writeHead(status, headers).end();
    } else if (form === 'json') {
      this.send(status, { 'content-type': 'application/json; charset=UTF-8', ...headers }, error.toJson());
    } else if (form === 'xml') {
      this.send(status, { 'content-type': 'application/xml; charset=UTF-8', ...headers }, error.toXml());
    } else {
      this.send(status, { 'content-type': 'text/html; charset=UTF-8', ...headers }, message);
    }
  }
}

/** All of the bytes, or 400 when there are more than `limit`. */
export async function collect(chunks: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const all: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > limit) throw invalid(`The request body is longer than ${limit} bytes.`, 'EntityTooLarge');
    all.push(chunk);
  }
  return Buffer.concat(all);
}

/** Reads a JSON object; no bytes at all are an empty object. */
export function parseJsonObject(bytes: Buffer): Record<string, unknown> {
  if (bytes.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw parseError();
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw parseError();
  return value as Record<string, unknown>;
}

function parseError(): GcsError {
  return new GcsError({ status: 400, reason: 'parseError', code: 'ParseError', message: 'Parse Error' });
}
