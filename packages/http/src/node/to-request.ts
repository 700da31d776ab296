import type { IncomingMessage } from 'node:http';
import { FieldFileError } from '@fieldfile/storage';

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
  let end: () => void = () => {};
  let fail: (error: FieldFileError) => void = () => {};
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const onData = (chunk: Uint8Array): void => {
          controller.enqueue(chunk);
          if ((controller.desiredSize ?? 0) > 0) return;
          incoming.pause();
          if (process.env.PS) incoming.socket.pause();
        };
        const onEnd = (): void => {
          end();
          controller.close();
        };
        const onClose = (): void => fail(left('The client left before its request was whole.'));
        end = () => void incoming.off('data', onData).off('end', onEnd).off('close', onClose);
        fail = error => {
          end();
          controller.error(error);
        };
        incoming.pause();
        incoming.on('data', onData).once('end', onEnd).once('close', onClose);
      },
      pull: () => void incoming.resume(),
      cancel() {
        end();
        fail = () => {};
        incoming.resume();
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, abandon: () => fail(left('The request was answered before it was read.')) };
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
