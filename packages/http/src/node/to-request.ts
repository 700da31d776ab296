import type { IncomingMessage } from 'node:http';
import { FieldFileError } from '@fieldfile/storage';
import { offerReader } from '../receive/body-reader.ts';
import { IncomingBody } from './incoming-body.ts';

/** A request of `node:http` as the Web has it. */
export interface WebRequest {
  readonly request: Request;
  /** Nobody reads the body any more: what is left of it can be read from the connection. */
  readonly abandonBody: () => void;
}

export function toRequest(
  incoming: IncomingMessage,
  signal: AbortSignal,
  origin: string | undefined,
): WebRequest {
  const { method = 'GET' } = incoming;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const { stream, abandon } = hasBody ? bodyOf(incoming) : { stream: undefined, abandon: () => {} };
  const request = new Request(urlOf(incoming, origin), {
    method,
    headers: headersOf(incoming.rawHeaders),
    signal,
    ...(stream ? { body: stream, duplex: 'half' } : {}),
  });
  return { request, abandonBody: abandon };
}

/** Express keeps the whole path in `originalUrl` where a router took the mount's part away. */
function urlOf(
  incoming: IncomingMessage & { readonly originalUrl?: string },
  origin = originOf(incoming),
): string {
  const target = incoming.originalUrl ?? incoming.url ?? '/';
  // Of a target in absolute form only the path counts: who sends it could name any host.
  const path = target.startsWith('/') ? target : target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '');
  return `${origin}${path.startsWith('/') ? path : `/${path}`}`;
}

function originOf({ headers, socket }: IncomingMessage): string {
  const protocol = 'encrypted' in socket && socket.encrypted ? 'https' : 'http';
  const host = headers.host ?? String(headers[':authority'] ?? '');
  const origin = `${protocol}://${host}`;
  return /^[^\s/@?#\\]+$/.test(host) && URL.canParse(origin) ? origin : `${protocol}://localhost`;
}

/** As they were sent: `headers` drops repeated ones. HTTP/2 has names that begin with a colon, which are none. */
function headersOf(raw: readonly string[]): Headers {
  const headers = new Headers();
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (!name.startsWith(':')) headers.append(name, raw[index + 1] ?? '');
  }
  return headers;
}

interface Body {
  readonly stream: ReadableStream<Uint8Array>;
  readonly abandon: () => void;
}

/**
 * The body, read as fast as it is asked for. Cancelling leaves the connection: an answer can still be sent.
 * `Readable.toWeb` would close it.
 */
function bodyOf(incoming: IncomingMessage): Body {
  if (incoming.readableDidRead || incoming.destroyed)
    return { stream: consumed(incoming), abandon: () => {} };
  const body = new IncomingBody(incoming, () => left('The client left before its request was whole.'));
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await body.read();
        if (chunk) controller.enqueue(chunk);
        else controller.close();
      },
      cancel: () => body.cancel(),
    },
    { highWaterMark: 0 },
  );
  offerReader(stream, body);
  return { stream, abandon: () => body.fail(left('The request was answered before it was read.')) };
}

const left = (message: string): FieldFileError =>
  new FieldFileError('aborted', message, { operation: 'receive' });

/** Something before the handler has read the body, and nothing of it is left. */
function consumed(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.error(
        new FieldFileError(
          'content-consumed',
          `The body of the request was read before${readerOf(incoming)}: put the handler in front of it, or keep it off this path.`,
          { operation: 'receive' },
        ),
      );
    },
  });
}

/** By what readers of bodies leave behind. */
function readerOf(incoming: object): string {
  if ('files' in incoming || 'file' in incoming) return ', by multer or another reader of forms';
  if ('body' in incoming) return ", by a body parser such as Express's json, urlencoded, raw and text";
  return ", by a body parser or a content type parser of Fastify's";
}
