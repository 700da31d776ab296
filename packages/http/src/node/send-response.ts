import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from 'node:http';
import { WholeBody } from '../serve/whole-body.ts';
import { drain } from './drain.ts';

/** A request and its answer. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** See `WebRequest`. */
  readonly abandonBody: () => void;
}

/**
 * Sends an answer as fast as the client takes it. A client that leaves cancels the body. Rejects where the body breaks:
 * nothing is sent yet when it does so at its beginning.
 *
 * An upload that is refused is answered while it is still coming. What comes after the answer is read for a while and thrown
 * away, before the connection is closed: closed at once it would be reset, and the answer lost on its way.
 */
export async function sendResponse(response: Response, exchange: Exchange): Promise<void> {
  const { incoming, outgoing } = exchange;
  const { body } = response;
  if (outgoing.destroyed) return void (await body?.cancel());
  const lingers = isStillComing(incoming);
  const bytes = WholeBody.bytesOf(body);
  if (!lingers && (bytes || !body))
    return void outgoing.writeHead(response.status, fieldsOf(response.headers)).end(bytes);
  // It tells the client to stop sending.
  if (lingers) outgoing.setHeader('connection', 'close');
  setHead(response, outgoing);
  if (!body || incoming.method === 'HEAD') {
    if (lingers && !hasLength(outgoing) && response.status !== 204) outgoing.setHeader('content-length', '0');
    if (lingers) await linger(exchange);
    outgoing.end();
    return body?.cancel();
  }
  await pump(lingers && !hasLength(outgoing) ? await withLength(body, outgoing) : body, outgoing);
  if (outgoing.destroyed) return;
  // Without its length the client knows the end by `end` alone.
  if (lingers && hasLength(outgoing)) await linger(exchange);
  outgoing.end();
}

/** HTTP/2 ends one request without the connection. */
const isStillComing = ({ httpVersionMajor, complete, method }: IncomingMessage): boolean =>
  httpVersionMajor < 2 && !complete && method !== 'GET' && method !== 'HEAD';

const hasLength = (outgoing: ServerResponse): boolean => outgoing.hasHeader('content-length');

const SHORT_BYTES = 64 * 1024;

/** An answer that is short tells its length. */
async function withLength(
  body: ReadableStream<Uint8Array>,
  outgoing: ServerResponse,
): Promise<ReadableStream<Uint8Array>> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  let ended = false;
  while (!ended && sizeBytes <= SHORT_BYTES) {
    const { done, value } = await reader.read();
    ended = done;
    if (!value) continue;
    chunks.push(value);
    sizeBytes += value.byteLength;
  }
  if (ended) outgoing.setHeader('content-length', String(sizeBytes));
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const value = chunks.shift() ?? (ended ? undefined : (await reader.read()).value);
        if (value) controller.enqueue(value);
        else controller.close();
      },
      cancel: reason => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** The answer is sent: what the client still sends is read until it has learned of that. */
async function linger({ incoming, outgoing, abandonBody }: Exchange): Promise<void> {
  outgoing.flushHeaders();
  abandonBody();
  await drain(incoming);
}

/** Not written yet: a body that breaks before its first byte has another answer. */
function setHead({ status, headers }: Response, outgoing: ServerResponse): void {
  outgoing.statusCode = status;
  const fields = fieldsOf(headers);
  for (let index = 0; index < fields.length; index += 2)
    outgoing.setHeader(String(fields[index]), fields[index + 1] ?? '');
}

/** Names and values in turn. */
function fieldsOf(headers: Headers): OutgoingHttpHeader[] {
  const fields: OutgoingHttpHeader[] = [];
  for (const [name, value] of headers) if (name !== 'set-cookie') fields.push(name, value);
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) fields.push('set-cookie', cookies);
  return fields;
}

async function pump(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const reader = body.getReader();
  const onClose = (): void => {
    // Whoever reads learns of the end by the reading below.
    if (!outgoing.writableFinished) reader.cancel().catch(() => {});
  };
  outgoing.once('close', onClose);
  try {
    for (let next = reader.read(); ; ) {
      const { done, value } = await next;
      if (outgoing.destroyed) return;
      if (done) return;
      // One chunk is read while the one before it is sent.
      next = reader.read();
      next.catch(() => {}); // it is awaited after the other one is sent
      if (!outgoing.write(value)) await drained(outgoing);
    }
  } finally {
    outgoing.off('close', onClose);
    if (outgoing.destroyed) await reader.cancel().catch(() => {});
  }
}

/** Or closed. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise(resolve => {
    if (outgoing.destroyed) return resolve();
    const settle = (): void => {
      outgoing.off('drain', settle).off('close', settle);
      resolve();
    };
    outgoing.on('drain', settle).on('close', settle);
  });
}
