import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@fieldfile/http';
import { toNodeHandler } from '@fieldfile/http/node';
import { MemoryStorage } from '@fieldfile/memory';
import { FieldFileError, type OpenedObject } from '@fieldfile/storage';
import { expect, test } from 'vitest';

async function answerOf(
  handler: (request: Request) => Promise<Response>,
): Promise<{ readonly answer: IncomingMessage; readonly text: string }> {
  const handle = toNodeHandler(handler, { onError: () => {} });
  const server = createServer((incoming, outgoing) => {
    outgoing.setHeader('x-before', 'kept').setHeader('cache-control', 'of somebody else');
    void handle(incoming, outgoing);
  }).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const [answer] = (await once(get({ port, host: '127.0.0.1', agent: false }), 'response')) as [
      IncomingMessage,
    ];
    let text = '';
    for await (const chunk of answer) text += chunk;
    return { answer, text };
  } finally {
    server.close();
  }
}

test('a small file has its length, every header, and what was set before', async () => {
  const storage = new MemoryStorage();
  const name = await storage.save('a.txt', 'hello');
  const { answer, text } = await answerOf(async request => {
    const response = await serve(request, { storage, name });
    response.headers.append('set-cookie', 'a=1');
    response.headers.append('set-cookie', 'b=2');
    return response;
  });
  expect(text).toBe('hello');
  expect(answer.headers).toMatchObject({
    'content-length': '5',
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'private, no-cache',
    'set-cookie': ['a=1', 'b=2'],
    'x-before': 'kept',
  });
});

test('a small file that breaks while it is read is answered with an error', async () => {
  const storage = new MemoryStorage();
  const name = await storage.save('a.txt', 'hello');
  let disposed = false;
  const open = async (): Promise<OpenedObject> => {
    const { info, stream } = await storage.open(name);
    const bytes = async (): Promise<never> => {
      throw new FieldFileError('integrity', 'It ended early.', { operation: 'read' });
    };
    return {
      info,
      stream,
      bytes,
      text: bytes,
      async [Symbol.asyncDispose]() {
        disposed = true;
      },
    };
  };
  const { answer } = await answerOf(request =>
    serve(request, { storage: { open, info: storage.info.bind(storage) }, name }, { onError: () => {} }),
  );
  expect(answer.statusCode).toBe(502);
  expect(disposed).toBe(true);
});
