import { randomBytes } from 'node:crypto';
import { tus } from '@fieldfile/http/tus';
import { describe, expect, test } from 'vitest';
import { places } from './places.ts';
import { openWorld, type World } from './world.ts';

const FOR = 'user 7';
const BASE = 'http://localhost/uploads/';
const CHUNK = 64 * 1024;
const VERSION = { 'tus-resumable': '1.0.0' };

type Send = (
  method: string,
  url: string,
  headers?: Record<string, string>,
  body?: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer>,
) => Promise<Response>;

function sender({ file }: World, keepSeconds = 3600): Send {
  const handler = tus({ field: file, baseUrl: BASE, authorize: () => true, user: () => FOR, keepSeconds });
  return (method, url, headers, body) =>
    handler(
      new Request(url, {
        ...{ method, headers: { ...VERSION, ...headers } },
        ...(body ? { body, duplex: 'half' } : {}),
      }),
    );
}

async function begun(send: Send, bytes: Uint8Array): Promise<string> {
  const metadata = `filename ${btoa('scan.bin')}`;
  const sent = { 'upload-length': String(bytes.byteLength), 'upload-metadata': metadata };
  const { status, headers } = await send('POST', BASE, sent);
  expect(status).toBe(201);
  return headers.get('location') ?? '';
}

/** Sends from where the upload is up to `end`. The connection breaks there, or not. */
async function sendTo(
  send: Send,
  url: string,
  bytes: Uint8Array<ArrayBuffer>,
  end: number,
  breaks: boolean,
): Promise<number> {
  const head = await send('HEAD', url);
  const offset = Number(head.headers.get('upload-offset'));
  const body = chunksOf(bytes.subarray(offset, end), breaks);
  const type = 'application/offset+octet-stream';
  await send('PATCH', url, { 'upload-offset': String(offset), 'content-type': type }, body);
  const after = await send('HEAD', url);
  return Number(after.headers.get('upload-offset'));
}

function chunksOf(bytes: Uint8Array<ArrayBuffer>, breaks: boolean): ReadableStream<Uint8Array> {
  let offset = 0;
  return new ReadableStream(
    {
      pull(controller) {
        if (offset >= bytes.byteLength)
          return breaks ? controller.error(new Error('the connection was reset')) : controller.close();
        controller.enqueue(bytes.slice(offset, offset + CHUNK));
        offset += CHUNK;
      },
    },
    { highWaterMark: 0 },
  );
}

const tokenOf = (url: string): string => url.split('/').at(-1) ?? '';

describe.each(Object.entries(places))('pieces of an upload on %s', (_, makePlace) => {
  test('are one file in the end, wherever connections broke, and nothing else is left', async () => {
    await using world = await openWorld(makePlace);
    const send = sender(world);
    const bytes = randomBytes(14_000_000);
    const url = await begun(send, bytes);
    // Less than a part, more than one, nothing, a few bytes, parts and the last ones.
    for (const [end, breaks] of [
      [100_000, true],
      [6_000_000, true],
      [6_000_000, true],
      [6_000_010, false],
      [13_999_999, true],
    ] as const)
      expect(await sendTo(send, url, bytes, end, breaks)).toBe(end);
    await expect(world.file.redeem(tokenOf(url), { for: FOR })).rejects.toMatchObject({ code: 'not-found' });
    expect(await sendTo(send, url, bytes, bytes.byteLength, false)).toBe(bytes.byteLength);
    const row = await world.insert(1, await world.file.redeem(tokenOf(url), { for: FOR }));
    const stored = await world.table.get({ id: 1 });
    const found = await world.file.of(stored ?? row).stored?.bytes();
    expect(Buffer.from(found ?? []).equals(bytes)).toBe(true);
    expect(await world.place.everything()).toEqual([row.file]);
    expect(await world.journal.entries()).toEqual([]);
  });

  test.each([0, 1, 5_242_880, 5_242_881])('of %i bytes come in one request', async size => {
    await using world = await openWorld(makePlace);
    const send = sender(world);
    const bytes = randomBytes(size);
    const url = await begun(send, bytes);
    expect(await sendTo(send, url, bytes, size, false)).toBe(size);
    const row = await world.insert(1, await world.file.redeem(tokenOf(url), { for: FOR }));
    expect(Buffer.from((await world.file.of(row).stored?.bytes()) ?? []).equals(bytes)).toBe(true);
    expect(await world.place.everything()).toEqual([row.file]);
  });

  test('go with the upload that is given up', async () => {
    await using world = await openWorld(makePlace);
    const send = sender(world);
    const bytes = randomBytes(7_000_000);
    for (const end of [0, 100_000, 6_000_000, 7_000_000]) {
      const url = await begun(send, bytes);
      await sendTo(send, url, bytes, end, true);
      expect((await send('DELETE', url)).status).toBe(204);
      expect(await world.place.everything()).toEqual([]);
      expect((await send('HEAD', url)).status).toBe(410);
    }
    expect(await world.journal.entries()).toEqual([]);
  });

  test('go with the time of the upload', async () => {
    await using world = await openWorld(makePlace);
    const send = sender(world, 2);
    const bytes = randomBytes(7_000_000);
    const urls = await Promise.all(
      [0, 100_000, 6_000_000, 7_000_000].map(async end => {
        const url = await begun(send, bytes);
        await sendTo(send, url, bytes, end, true); // on a busy machine its time may be over before
        return url;
      }),
    );
    await world.recoverAll();
    expect(await world.place.everything()).toEqual([]);
    for (const url of urls) {
      expect((await send('HEAD', url)).status).toBe(410);
      await expect(world.file.redeem(tokenOf(url), { for: FOR })).rejects.toMatchObject({
        code: 'intent-lost',
      });
    }
  });

  test('are refused as a whole when they are not what the field takes', async () => {
    await using world = await openWorld(makePlace, { inspect: async () => 'refused by an inspector' });
    const send = sender(world);
    const bytes = randomBytes(100_000);
    const url = await begun(send, bytes);
    await sendTo(send, url, bytes, bytes.byteLength, false);
    await expect(world.file.redeem(tokenOf(url), { for: FOR })).rejects.toMatchObject({
      code: 'not-accepted',
    });
    expect(await world.place.everything()).toEqual([]);
  });
});
