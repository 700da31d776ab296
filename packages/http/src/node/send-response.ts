import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from 'node:http';
import { WholeBody } from '../serve/whole-body.ts';

/**
 * Sends an answer as fast as the client takes it. A client that leaves cancels the body. Rejects where the body breaks:
 * nothing is sent yet when it does so at its beginning.
 */
export async function sendResponse(
  response: Response,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { body } = response;
  if (outgoing.destroyed) return void (await body?.cancel());
  // What comes after an upload that was refused would be read to its end, however long it is.
  if (
    incoming.httpVersionMajor < 2 &&
    !incoming.complete &&
    incoming.method !== 'GET' &&
    incoming.method !== 'HEAD'
  )
    outgoing.setHeader('connection', 'close');
  const bytes = WholeBody.bytesOf(body);
  if (bytes || !body) return void outgoing.writeHead(response.status, fieldsOf(response.headers)).end(bytes);
  setHead(response, outgoing);
  if (incoming.method === 'HEAD') {
    outgoing.end();
    return body.cancel();
  }
  await pump(body, outgoing);
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
      if (done) return void outgoing.end();
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
