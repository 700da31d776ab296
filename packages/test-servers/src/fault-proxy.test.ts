import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FaultProxy, mutates } from './fault-proxy.ts';

const BODY = Buffer.alloc(300_000, 'the body of a request or of an answer; ');

/** What reached the server, whole. */
let arrived: string[];
let server: ReturnType<typeof createServer>;
let proxy: FaultProxy;
let agent: Agent;

beforeEach(async () => {
  arrived = [];
  server = createServer(async (message, response) => {
    if (message.url === '/refuse-at-once')
      return void response.writeHead(412, { connection: 'close' }).end('refused');
    let bytes = 0;
    try {
      for await (const chunk of message) bytes += chunk.length;
    } catch {
      return;
    }
    arrived.push(`${message.method} ${message.url} ${bytes}`);
    if (message.url?.startsWith('/echo')) response.end(JSON.stringify(message.headers));
    else response.end(BODY);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  proxy = await FaultProxy.start(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  agent = new Agent({ keepAlive: true });
});

afterEach(async () => {
  agent.destroy();
  await proxy[Symbol.asyncDispose]();
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A request whose path is sent as it is. */
async function send(method: string, path: string, body?: Uint8Array, signal?: AbortSignal): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = request(proxy.endpoint + path, {
    agent,
    method,
    path,
    headers: body ? { 'content-length': body.byteLength } : {},
    ...(signal && { signal }),
  });
  sent.on('response', resolve).on('error', reject).end(body);
  const answer = await promise;
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    body: Buffer.concat(await Array.fromAsync(answer)),
  };
}

const RESET = { code: 'ECONNRESET' };

test('without a plan everything passes as it is, the host and dot segments too', async () => {
  const { body } = await send('GET', '/echo/a/../b%2F?x=1');
  expect(JSON.parse(body.toString()).host).toBe(new URL(proxy.endpoint).host);
  expect(arrived).toEqual(['GET /echo/a/../b%2F?x=1 0']);
  expect((await send('PUT', '/a', BODY)).body).toEqual(BODY);
  expect(arrived[1]).toBe(`PUT /a ${BODY.length}`);
  expect(proxy.struck).toBe(0);
});

test.each([0, 1, 100_000, BODY.length - 1])('an upload is reset after %i bytes', async afterBytes => {
  proxy.once(mutates, { kind: 'reset-upload', afterBytes });
  await expect(send('PUT', '/a', BODY)).rejects.toMatchObject(RESET);
  expect(arrived).toEqual([]);
  expect(proxy.struck).toBe(1);
  expect((await send('PUT', '/a', BODY)).status).toBe(200);
});

test.each([0, 1, 100_000, BODY.length - 1])('a download is reset after %i bytes', async afterBytes => {
  proxy.once(() => true, { kind: 'reset-download', afterBytes });
  await expect(send('GET', '/a')).rejects.toMatchObject(RESET);
  expect(arrived).toEqual(['GET /a 0']);
  expect(proxy.struck).toBe(1);
});

test('a reset behind the last byte never strikes', async () => {
  proxy.plan = () => ({ kind: 'reset-upload', afterBytes: BODY.length });
  expect((await send('PUT', '/a', BODY)).status).toBe(200);
  proxy.plan = () => ({ kind: 'reset-download', afterBytes: BODY.length });
  expect((await send('GET', '/a')).body).toEqual(BODY);
  expect(proxy.struck).toBe(0);
});

describe('a reset after bytes of all requests together', () => {
  test('strikes whichever upload carries the next byte, once', async () => {
    proxy.resetOnceAfter('upload', BODY.length + 10);
    await send('PUT', '/a', BODY);
    await expect(send('PUT', '/b', BODY)).rejects.toMatchObject(RESET);
    await send('PUT', '/c', BODY);
    expect(arrived).toEqual([`PUT /a ${BODY.length}`, `PUT /c ${BODY.length}`]);
    expect(proxy.struck).toBe(1);
  });

  test('strikes one download of several at once', async () => {
    proxy.resetOnceAfter('download', BODY.length + 10);
    const outcomes = await Promise.allSettled(['/a', '/b', '/c'].map(path => send('GET', path)));
    expect(outcomes.filter(({ status }) => status === 'rejected').length).toBe(1);
    expect(proxy.struck).toBe(1);
  });
});

test('the nth mutating request is carried out and its answer lost', async () => {
  proxy.once(mutates, { kind: 'lost-answer' }, 2);
  await send('PUT', '/a');
  await send('GET', '/b');
  await expect(send('DELETE', '/c')).rejects.toMatchObject(RESET);
  await send('PUT', '/d');
  expect(arrived).toEqual(['PUT /a 0', 'GET /b 0', 'DELETE /c 0', 'PUT /d 0']);
  expect(proxy.struck).toBe(1);
});

test.each([503, 429])('status %i is answered with Retry-After and nothing arrives', async status => {
  proxy.once(mutates, { kind: 'status', status, code: 'SlowDown', retryAfterSeconds: 7 });
  const answer = await send('PUT', '/a', BODY);
  expect(answer).toMatchObject({ status, headers: { 'retry-after': '7', 'x-ms-error-code': 'SlowDown' } });
  expect(answer.body.toString()).toContain('<Code>SlowDown</Code>');
  expect(arrived).toEqual([]);
  expect((await send('PUT', '/a', BODY)).status).toBe(200);
});

test.each([
  ['blackhole', []],
  ['no-answer', [`PUT /a ${BODY.length}`]],
] as const)('a %s is never answered', async (kind, expected) => {
  proxy.once(mutates, { kind });
  const controller = new AbortController();
  const sending = send('PUT', '/a', BODY, controller.signal);
  await expect.poll(() => arrived).toEqual(expected);
  await send('GET', '/b');
  controller.abort();
  await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
});

test('a trickle brings everything in the end', async () => {
  proxy.once(mutates, { kind: 'trickle', pieceBytes: 50_000, pauseMs: 1 });
  expect((await send('PUT', '/a', BODY)).body).toEqual(BODY);
  expect(arrived).toEqual([`PUT /a ${BODY.length}`]);
});

test('a trickle with an endless pause stalls after its first piece', async () => {
  proxy.once(() => true, { kind: 'trickle', pieceBytes: 10, pauseMs: 1_000_000 });
  const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
  const stalled = request(`${proxy.endpoint}/a`, { agent }, resolve).end();
  const answer = (await promise)[Symbol.asyncIterator]();
  expect((await answer.next()).value.length).toBe(10);
  stalled.destroy();
});

test('an answer that comes before the body was taken passes', async () => {
  const answer = await send('PUT', '/refuse-at-once', BODY);
  expect(answer).toMatchObject({ status: 412 });
  expect(answer.body.toString()).toBe('refused');
});
