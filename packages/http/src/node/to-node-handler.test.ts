import { once } from 'node:events';
import { createServer, IncomingMessage, request, type Server, ServerResponse } from 'node:http';
import { type AddressInfo, connect, Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { limitsOf } from '../receive/limits.ts';
import { RequestBody } from '../receive/request-body.ts';
import { type NodeHandlerOptions, toNodeHandler } from './to-node-handler.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function start(
  handler: (request: Request) => Response | Promise<Response>,
  options: NodeHandlerOptions = {},
): Promise<number> {
  const server = createServer(toNodeHandler(handler, options)).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Sends text as it is, and gives what comes back until the connection ends. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  return answer;
}

/** A request whose answer is read by the test. */
async function begin(port: number): Promise<{ readonly answer: IncomingMessage; readonly socket: Socket }> {
  const sent = request({ port, host: '127.0.0.1', agent: false }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return { answer, socket: answer.socket };
}

const KIBIBYTE = 1024;

/** Chunks without end, counted. */
function endless(): {
  readonly body: ReadableStream<Uint8Array>;
  readonly seen: { chunks: number };
  readonly cancelled: Promise<void>;
} {
  const seen = { chunks: 0 };
  const { promise, resolve } = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        seen.chunks += 1;
        controller.enqueue(new Uint8Array(64 * KIBIBYTE));
      },
      cancel: () => resolve(),
    },
    { highWaterMark: 0 },
  );
  return { body, seen, cancelled: promise };
}

describe('requests', () => {
  test('have the method, the URL, every header as it was sent, and the body', async () => {
    const port = await start(async request => {
      const { method, url } = request;
      return Response.json({
        method,
        url,
        list: request.headers.get('if-match'),
        text: await request.text(),
      });
    });
    const answer = await raw(
      port,
      'PUT /a/b?c=d HTTP/1.1\r\nHost: files.example:8080\r\nIf-Match: "a"\r\nIf-Match: "b"\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello',
    );
    expect(JSON.parse(/{.*}/.exec(answer)?.[0] ?? '')).toEqual({
      method: 'PUT',
      url: 'http://files.example:8080/a/b?c=d',
      list: '"a", "b"',
      text: 'hello',
    });
  });

  test.each([
    ['GET http://evil.example/a HTTP/1.1\r\nHost: good.example', 'http://good.example/a'],
    ['GET //evil.example/a HTTP/1.1\r\nHost: good.example', 'http://good.example//evil.example/a'],
    ['GET /a HTTP/1.1\r\nHost: user@evil.example', 'http://localhost/a'],
    ['GET /a HTTP/1.1\r\nHost: good.example/x?y', 'http://localhost/a'],
    ['GET /a HTTP/1.0', 'http://localhost/a'],
    ['OPTIONS * HTTP/1.1\r\nHost: good.example', 'http://good.example/*'],
  ])('%j is for %s', async (head, url) => {
    const port = await start(request => new Response(request.url));
    expect(await raw(port, `${head}\r\nConnection: close\r\n\r\n`)).toContain(`\r\n${url}`);
  });

  test('have the origin that the server was told', async () => {
    const port = await start(request => new Response(request.url), { origin: 'https://files.example.net' });
    expect(await (await fetch(`http://127.0.0.1:${port}/a?b`)).text()).toBe('https://files.example.net/a?b');
  });

  test('whose body is not read are answered', async () => {
    const port = await start(() => new Response('no', { status: 413 }));
    const body = new Uint8Array(1024 * KIBIBYTE);
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'PUT', body });
    expect([response.status, await response.text()]).toEqual([413, 'no']);
  });

  test('whose body is cancelled are answered', async () => {
    const port = await start(async request => {
      await request.body?.cancel();
      return new Response('enough', { status: 413 });
    });
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'PUT',
      body: new Uint8Array(1024 * KIBIBYTE),
    });
    expect([response.status, await response.text()]).toEqual([413, 'enough']);
  });

  test('that end before they are whole fail the reading', async () => {
    const failed = Promise.withResolvers<unknown>();
    const port = await start(async request => {
      await request.text().catch(failed.resolve);
      return new Response();
    });
    const socket = connect(port, '127.0.0.1');
    socket.write('PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello');
    await once(socket, 'connect');
    setImmediate(() => socket.destroy());
    expect(await failed.promise).toMatchObject({ code: 'aborted' });
  });

  test('whose body somebody read before say so', async () => {
    const port = await start(() => new Response());
    expect(port).toBeGreaterThan(0);
    const failed = Promise.withResolvers<unknown>();
    const handler = toNodeHandler(async request => {
      await request.text().catch(failed.resolve);
      return new Response('said');
    });
    const server = createServer(async (incoming, outgoing) => {
      for await (const chunk of incoming) chunk.toString();
      await handler(incoming, outgoing);
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const { port: parsed } = server.address() as AddressInfo;
    await fetch(`http://127.0.0.1:${parsed}/`, { method: 'POST', body: 'hello' });
    expect(await failed.promise).toMatchObject({ code: 'content-consumed' });
  });
});

describe('answers', () => {
  test('keep each cookie', async () => {
    const headers = new Headers([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
    const port = await start(() => new Response('x', { headers }));
    expect((await fetch(`http://127.0.0.1:${port}/`)).headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  test('are read no faster than the client takes them', async () => {
    const { body, seen } = endless();
    const port = await start(() => new Response(body as BodyInit));
    const { answer, socket } = await begin(port);
    answer.pause();
    let before = -1;
    // Buffers of the system fill at first.
    while (seen.chunks !== before) {
      before = seen.chunks;
      for (let turns = 0; turns < 200; turns++) await new Promise(resolve => setImmediate(resolve));
    }
    expect(seen.chunks).toBeLessThan(1024);
    socket.destroy();
  });

  test('to a client that leaves are cancelled, and the request`s signal is aborted', async () => {
    const { body, cancelled } = endless();
    let aborted = Promise.resolve<unknown>(undefined);
    const port = await start(request => {
      aborted = once(request.signal, 'abort');
      return new Response(body as BodyInit);
    });
    const { socket } = await begin(port);
    socket.destroy();
    await Promise.all([cancelled, aborted]);
  });

  test('to a client that leaves while nothing comes are cancelled, too', async () => {
    const cancelled = Promise.withResolvers<void>();
    const body = new ReadableStream<Uint8Array>({
      start: controller => controller.enqueue(new Uint8Array(1)),
      pull: () => new Promise<void>(() => {}),
      cancel: () => cancelled.resolve(),
    });
    const port = await start(() => new Response(body as BodyInit));
    const { socket } = await begin(port);
    socket.destroy();
    await cancelled.promise;
  });

  test('to a client that left before there was one are cancelled', async () => {
    const { body, cancelled } = endless();
    const port = await start(async request => {
      await once(request.signal, 'abort');
      return new Response(body as BodyInit);
    });
    const socket = connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    setImmediate(() => socket.destroy());
    await cancelled;
  });

  /** A body that breaks after so many chunks. */
  function breaking(chunks: number): Response {
    let left = chunks;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (left-- === 0) throw new Error('broken');
          controller.enqueue(new Uint8Array(10));
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(body as BodyInit, {
      headers: { 'content-length': '100', 'content-type': 'image/png' },
    });
  }

  test('that break while they are sent break the connection, and are told', async () => {
    const told = Promise.withResolvers<unknown>();
    const port = await start(() => breaking(3), { onError: told.resolve });
    await expect(fetch(`http://127.0.0.1:${port}/`).then(response => response.text())).rejects.toThrow();
    expect(await told.promise).toMatchObject({ message: 'broken' });
  });

  test('that break before anything is sent become errors', async () => {
    const told = Promise.withResolvers<unknown>();
    const port = await start(() => breaking(0), { onError: told.resolve });
    const response = await fetch(`http://127.0.0.1:${port}/`);
    expect(response.status).toBe(500);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ code: 'internal' });
    expect(await told.promise).toMatchObject({ message: 'broken' });
  });

  test('to what the handler throws are problem details without its words', async () => {
    const told: unknown[] = [];
    const handler = (): never => {
      throw new Error('the password is 1234');
    };
    const port = await start(handler, { onError: error => told.push(error) });
    const response = await fetch(`http://127.0.0.1:${port}/`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toMatch(/1234/);
    expect(told.length).toBe(1);
  });
});

test.each(['on', 'once', 'off'] as const)(
  'bytes that somebody else was given, too, stay as they are when they are copied (%s)',
  async how => {
    const sent = Buffer.from('a body that is signed, and stored');
    const kept: Buffer[] = [];
    const memory = new Uint8Array(10);
    let received = '';
    const handler = toNodeHandler(async request => {
      const body = new RequestBody(request, limitsOf({}));
      for (let copied = await body.readInto(memory); copied > 0; copied = await body.readInto(memory))
        received += Buffer.from(memory.subarray(0, copied));
      return new Response();
    });
    const server = createServer((incoming, outgoing) => {
      const keep = (chunk: Buffer): void => {
        kept.push(chunk);
        if (how === 'off') incoming.off('data', keep);
      };
      incoming[how === 'once' ? 'once' : 'on']('data', keep);
      void handler(incoming, outgoing);
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { method: 'POST', body: sent });
    expect(received).toBe(String(sent));
    expect(Buffer.concat(kept).equals(sent)).toBe(true);
  },
);

test('a body of which nobody else was given anything is copied', async () => {
  const sent = Buffer.alloc(300_000, 'some text');
  const copies: Buffer[] = [];
  const port = await start(async request => {
    const body = new RequestBody(request, limitsOf({}));
    const memory = new Uint8Array(1000);
    for (let copied = await body.readInto(memory); copied > 0; copied = await body.readInto(memory))
      copies.push(Buffer.from(memory.subarray(0, copied)));
    return new Response();
  });
  await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: sent });
  expect(Buffer.concat(copies).equals(sent)).toBe(true);
});

test('bytes of a request that came over no connection stay as they are', async () => {
  const sent = new Uint8Array(1000).fill(7);
  const incoming = Object.assign(new IncomingMessage(new Socket()), {
    method: 'POST',
    url: '/',
    headers: { host: 'a' },
  });
  incoming.push(sent);
  incoming.push(null);
  const copied = Promise.withResolvers<number>();
  const handler = toNodeHandler(async request => {
    copied.resolve(await new RequestBody(request, limitsOf({})).readInto(new Uint8Array(2000)));
    return new Response();
  });
  void handler(incoming, new ServerResponse(incoming));
  expect(await copied.promise).toBe(1000);
  expect(sent.byteLength).toBe(1000);
});
