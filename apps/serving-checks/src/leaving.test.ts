import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { serve } from '@fieldfile/http';
import { toNodeHandler } from '@fieldfile/http/node';
import { load } from '@fieldfile/test-servers/load';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from './servers/listen.ts';
import { type Place, storages } from './servers/storages.ts';
import type { Site } from './site.ts';

const MEBIBYTE = 1024 ** 2;

/** More than all buffers on the way take. */
const SIZE_BYTES = 48 * MEBIBYTE;
const CLIENTS = load({ test: 8, ci: 50, deep: 50 });

const REQUESTS: Readonly<Record<string, string>> = {
  'the whole file': '',
  'a range': 'Range: bytes=10-\r\n',
  'several ranges': `Range: bytes=10-${SIZE_BYTES - 100},-10\r\n`,
  'a file under conditions': 'If-None-Match: "other"\r\n',
};

/** A client that takes the beginning of the answer and no more. */
async function begin(site: Site, headers: string): Promise<Socket> {
  const socket = connect(site.port, '127.0.0.1');
  socket.write(`GET /large.bin HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
  const [beginning] = await once(socket, 'data');
  expect(String(beginning)).toMatch(/^HTTP\/1\.1 20[06] /);
  socket.pause();
  return socket;
}

for (const [name, open] of Object.entries(storages))
  describe(`clients of ${name} that leave`, () => {
    let place: Place;
    let site: Site;
    beforeAll(async () => {
      place = await open();
      const { storage } = place;
      await storage.save('large.bin', new Uint8Array(SIZE_BYTES));
      site = await listen(toNodeHandler(request => serve(request, { storage, name: 'large.bin' })));
    });
    afterAll(async () => {
      await site[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    });

    const busy = async (): Promise<number | undefined> => place.busy?.();

    test.each(Object.entries(REQUESTS))('free what is read from for %s', async (_, headers) => {
      const clients = await Promise.all(Array.from({ length: CLIENTS }, () => begin(site, headers)));
      if (place.busy) expect(await busy()).toBe(CLIENTS);
      for (const client of clients) client.destroy();
      while (((await busy()) ?? 0) > 0) await new Promise(resolve => setImmediate(resolve));
    });
  });
