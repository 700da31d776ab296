import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { discard } from './discard.ts';
import { drain } from './drain.ts';

const MEBIBYTE = 1024 ** 2;

/** What a server has of each chunk of a request once all of it was thrown away. */
async function chunksOf(throwAway: (incoming: IncomingMessage) => void): Promise<readonly Buffer[]> {
  const chunks: Buffer[] = [];
  const ended = Promise.withResolvers<void>();
  const server = createServer((incoming, outgoing) => {
    // Here and not by a listener, for which nothing would be freed.
    const { push } = incoming;
    incoming.push = (chunk, encoding) => {
      if (chunk !== null) chunks.push(chunk);
      return push.call(incoming, chunk, encoding);
    };
    throwAway(incoming);
    incoming.once('end', () => {
      outgoing.end();
      ended.resolve();
    });
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(`PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${MEBIBYTE}\r\n\r\n`);
  socket.write(Buffer.alloc(MEBIBYTE, 'x'));
  await ended.promise;
  socket.destroy();
  return chunks;
}

/** Small chunks stand beside what else came in one piece of memory. */
const bytesLeft = (chunks: readonly Buffer[]): number =>
  chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);

test('the memory of what is thrown away is free at once', async () => {
  const chunks = await chunksOf(incoming => void discard(incoming));
  expect(chunks.length).toBeGreaterThan(5);
  expect(bytesLeft(chunks)).toBeLessThan(MEBIBYTE / 4);
  expect(bytesLeft(await chunksOf(incoming => void drain(incoming)))).toBeLessThan(MEBIBYTE / 4);
});

test('twice is as good as once', async () => {
  const chunks = await chunksOf(incoming => {
    discard(incoming);
    void drain(incoming);
  });
  expect(bytesLeft(chunks)).toBeLessThan(MEBIBYTE / 4);
});

test('of what somebody else reads nothing is taken away', async () => {
  for (const readers of [
    (incoming: IncomingMessage) => {
      incoming.on('data', () => {});
      discard(incoming);
    },
    (incoming: IncomingMessage) => {
      discard(incoming);
      incoming.once('data', () => {});
    },
  ])
    expect(bytesLeft(await chunksOf(readers))).toBe(MEBIBYTE);
});
