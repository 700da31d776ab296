import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { clockOf, PAGE } from './imitation.ts';
import { route } from './router.ts';
import { S3Error } from './s3-error.ts';
import { readRequest } from './s3-request.ts';
import type { Reply, Service } from './service.ts';
import { element } from './xml.ts';

/**
 * Answers one HTTP request.
 *
 * @param awaitsContinue whether the client holds its body back until it is told to go on
 */
export async function exchange(
  service: Service,
  message: IncomingMessage,
  response: ServerResponse,
  awaitsContinue: boolean,
): Promise<void> {
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  let isHeldBack = awaitsContinue;
  const body = async function* (): AsyncGenerator<Buffer, void> {
    if (isHeldBack) response.writeContinue();
    isHeldBack = false;
    // A refusal in the middle of the body is to be answered: the socket must outlive the iterator.
    yield* message.iterator({ destroyOnReturn: false });
  };
  const reply = await answer(service, message, { [Symbol.asyncIterator]: body }, requestId);
  if (message.destroyed && !message.complete) return;
  message.resume();
  // A client that was never told to go on cannot use the connection again.
  if (isHeldBack) response.shouldKeepAlive = false;
  response.setHeader('date', new Date(clockOf(service.imitation)).toUTCString());
  await send(response, reply, requestId, message.method === 'HEAD');
}

async function answer(
  service: Service,
  message: IncomingMessage,
  body: AsyncIterable<Buffer>,
  requestId: string,
): Promise<Reply> {
  try {
    if (service.imitation.answersPages) return PAGE;
    return await route(readRequest(message, body), service);
  } catch (error) {
    if (error instanceof S3Error) return errorReply(error, message.url ?? '/', requestId);
    const isClientGone = message.destroyed && !message.complete;
    if (!isClientGone) process.emitWarning(error as Error);
    return errorReply(
      new S3Error('InternalError', 'We encountered an internal error. Please try again.'),
      message.url ?? '/',
      requestId,
    );
  }
}

function errorReply(error: S3Error, url: string, requestId: string): Reply {
  const details = Object.entries(error.details).map(([name, value]) => element(name, value));
  const root = element(
    'Error',
    element('Code', error.code),
    element('Message', error.message),
    ...details,
    element('Resource', url.split('?')[0]),
    element('RequestId', requestId),
    element('HostId', requestId),
  );
  return {
    status: error.status,
    headers: { ...error.headers, 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${root.xml}`,
  };
}

async function send(
  response: ServerResponse,
  { status, headers = {}, body }: Reply,
  requestId: string,
  isHead: boolean,
): Promise<void> {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('server', 'AmazonS3');
  response.setHeader('x-amz-request-id', requestId);
  response.setHeader('x-amz-id-2', requestId);
  if (body === undefined || isHead || status === 304) {
    response.end();
  } else if (typeof body === 'string') {
    response.setHeader('content-length', Buffer.byteLength(body));
    response.end(body);
  } else {
    try {
      await pipeline(body, response);
    } catch (error) {
      // A reader that leaves early is no fault of the server.
      if (!response.destroyed) response.destroy(error as Error);
    }
  }
}
