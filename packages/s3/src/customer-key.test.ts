import { Storage } from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';
import { FaultProxy, type SeenRequest } from '@fieldfile/test-servers/fault-proxy';
import { startS3Server } from '@fieldfile/test-servers/s3';
import { afterAll, expect, test } from 'vitest';
import { optionsFor } from '../test/open-storage.ts';
import { S3Backend } from './backend.ts';
import { MEBIBYTE } from './options.ts';

const KEY = Buffer.alloc(32, 'k');
const server = await startS3Server({ buckets: ['media'] });
const proxy = await FaultProxy.start(server.endpoint);
const backend = new S3Backend(optionsFor(server, { endpointUrl: proxy.endpoint, sseCustomerKey: KEY }), {
  maxPutBytes: 20 * MEBIBYTE,
  maxCopyBytes: 6 * MEBIBYTE,
});
const storage = new Storage(backend);
afterAll(async () => {
  await storage[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await server.close();
});

async function* oneShot(size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < size; start += MEBIBYTE) yield new Uint8Array(MEBIBYTE);
}

const OF_A_COPY = 'x-amz-copy-source';
const isOfAnObject = ({ method, path }: SeenRequest): boolean =>
  method !== 'DELETE' && !/^.media.?$/.test(path);

test('every request about an object brings the key, also for the original of a copy; no other does', async () => {
  const seen: SeenRequest[] = [];
  proxy.plan = request => void seen.push(request);
  await storage.save('small.txt', 'one');
  await storage.save('large.bin', new Uint8Array(2 * MEBIBYTE));
  await storage.save('stream.bin', oneShot(11 * MEBIBYTE));
  await storage.replace('small.txt', 'two');
  await storage.copy('small.txt', 'copy.txt');
  await storage.copy('stream.bin', 'pieces.bin');
  await storage.move('copy.txt', 'moved.txt');
  expect(await storage.listdir()).toMatchObject({ files: { length: 5 } });
  {
    await using opened = await storage.open('moved.txt');
    expect(await opened.text()).toBe('two');
  }
  await storage.deleteMany(['small.txt', 'large.bin']);
  for (const request of seen) {
    const { headers, method, path } = request;
    const sent = (prefix: string): unknown[] =>
      ['algorithm', 'key', 'key-md5'].map(
        name => headers[`${prefix}-server-side-encryption-customer-${name}`],
      );
    const key = ['AES256', KEY.toString('base64'), expect.stringMatching(/^[\w+/]{22}==$/)];
    const none = [undefined, undefined, undefined];
    expect(sent('x-amz'), `${method} ${path}`).toEqual(isOfAnObject(request) ? key : none);
    expect(sent(OF_A_COPY), `${method} ${path}`).toEqual(headers[OF_A_COPY] ? key : none);
  }
  expect(new Set(seen.filter(isOfAnObject).map(({ method }) => method))).toEqual(
    new Set(['PUT', 'POST', 'GET', 'HEAD']),
  );
});

test('a URL is refused: it could not carry the key', async () => {
  await expect(backend.signUrl('a.txt' as ObjectName, { expiresInSeconds: 1 })).rejects.toMatchObject({
    code: 'unsupported',
  });
});
