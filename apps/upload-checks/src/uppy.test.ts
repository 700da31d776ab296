import { uppy } from '@fieldfile/http/uppy';
import { describe, expect, test } from 'vitest';
import { countRequests } from './count-requests.ts';
import { places } from './places.ts';
import { openWorld, type World } from './world.ts';

// What Uppy asks of its `companionEndpoint`, and what somebody else might. Uppy itself is in packages/browser/test.

const PART = 5 * 1024 * 1024;
const BYTES: Buffer<ArrayBuffer> = Buffer.alloc(2 * PART + 1000, 'the file of a client, ');
const OTHER: Buffer<ArrayBuffer> = Buffer.alloc(BYTES.byteLength, 'something else');
const SMALL: Buffer<ArrayBuffer> = BYTES.subarray(0, 10_000);
const PDF: Buffer<ArrayBuffer> = Buffer.concat([Buffer.from('%PDF-1.7\n'), SMALL]);
const FOR = { for: 'user 7' };
const SITE = 'http://localhost';
const onS3 = places.S3 as NonNullable<(typeof places)[string]>;

interface Given {
  readonly keepSeconds?: number;
  readonly maxFileBytes?: number;
  readonly user?: string;
}

interface Part {
  readonly PartNumber: number;
  readonly ETag: string;
}

/** Asks the routes as a client does. */
function client({ file, place }: World, { user = FOR.for, ...options }: Given = {}) {
  const handler = uppy({
    field: file,
    baseUrl: '/uploads/',
    authorize: () => true,
    user: () => user,
    onError: () => {}, // a storage that signs no parts
    ...options,
  });
  const ask = (method: string, path: string, body?: unknown): Promise<Response> =>
    handler(
      new Request(`${SITE}/uploads/s3/${path}`, {
        method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      }),
    );
  const told = async (method: string, path: string, body?: unknown) => {
    const response = await ask(method, path, body);
    expect(response.status, `${method} ${path}`).toBe(200);
    return response.json();
  };
  return {
    handler,
    ask,
    told,
    params: () =>
      told('GET', `params?filename=me.bin&type=application%2Foctet-stream&metadata%5Bname%5D=me.bin`),
    async form(key: string, bytes: Buffer<ArrayBuffer>): Promise<number> {
      const form = new FormData();
      form.set('key', key);
      form.set('file', new Blob([bytes]), 'me.bin');
      const sent = new Response(form);
      const headers = { 'content-type': sent.headers.get('content-type') ?? '' };
      const body = await sent.arrayBuffer();
      return (await handler(new Request(`${SITE}/uploads/s3/form`, { method: 'POST', headers, body })))
        .status;
    },
    async begin(sizeBytes?: number): Promise<string> {
      const metadata = { name: 'film.bin', sizeBytes };
      const begun = await told('POST', 'multipart', { filename: 'film.bin', type: 'video/x', metadata });
      expect(begun.key).toBe('film.bin');
      return begun.uploadId;
    },
    urlOf: async (id: string, number: number): Promise<string> =>
      (await told('GET', `multipart/${id}/${number}?key=film.bin`)).url,
    async send(id: string, numbers: readonly number[], bytes = BYTES): Promise<readonly Part[]> {
      const { presignedUrls } = await told('GET', `multipart/${id}/batch?partNumbers=${numbers.join(',')}`);
      return Promise.all(
        numbers.map(async PartNumber => {
          const body = bytes.subarray((PartNumber - 1) * PART, PartNumber * PART);
          const response = await place.fetch(new Request(presignedUrls[PartNumber], { method: 'PUT', body }));
          expect(response.status).toBe(200);
          return { PartNumber, ETag: (response.headers.get('etag') ?? '').replaceAll('"', '') };
        }),
      );
    },
    complete: (id: string, parts: readonly Part[]) =>
      ask('POST', `multipart/${id}/complete?key=film.bin`, { parts }),
  };
}

const readOf = async (world: World, name: string | null): Promise<Buffer> => {
  await using opened = await world.place.storage.open(name ?? '');
  return Buffer.from(await opened.bytes());
};

describe.each(Object.entries(places))('a form on %s', (where, makePlace) => {
  test('is one file in the end, and comes once', async () => {
    await using world = await openWorld(makePlace, { columns: { size: 'size' } });
    const { params, form } = client(world);
    const { method, url, fields } = await params();
    expect([method, url]).toEqual(['POST', `${SITE}/uploads/s3/form`]);
    await expect(world.file.redeem(fields.key, FOR)).rejects.toMatchObject({ code: 'not-found' });
    expect(await form(fields.key, SMALL)).toBe(204);
    expect(await form(fields.key, SMALL)).toBe(204); // its answer was lost
    const row = await world.insert(1, await world.file.redeem(fields.key, FOR));
    expect(row.size).toBe(SMALL.byteLength);
    const holder = Buffer.from(`FieldFile holds this name for the upload of claim ${'0'.repeat(32)}.\n`);
    const replay = async (look: () => Promise<void>): Promise<void> => {
      for (const bytes of [SMALL, OTHER, holder, Buffer.alloc(0)]) {
        await form(fields.key, bytes);
        await look();
      }
    };
    await replay(async () => expect((await readOf(world, row.file)).equals(SMALL)).toBe(true));
    await world.file.of(row).delete();
    await replay(async () => expect(await world.place.storage.exists('scans/me.bin')).toBe(false));
    expect(await form(fields.key, SMALL)).toBe(410);
    await expect(world.file.redeem(fields.key, FOR)).rejects.toMatchObject({ code: 'intent-lost' });
    expect(await world.place.everything()).toEqual([]);
  });

  test('that is too large, or breaks off, leaves nothing and can be sent again', async () => {
    await using world = await openWorld(makePlace, { maxSizeBytes: BYTES.byteLength });
    const { params, form, handler } = client(world);
    const { fields } = await params();
    expect(await form(fields.key, Buffer.concat([BYTES, BYTES]))).toBe(413);
    const boundary = 'x'.repeat(20);
    const part = (name: string, more = ''): string =>
      `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n`;
    const broken = `${part('key')}${fields.key}\r\n${part('file', '; filename="me.bin"')}some bytes`;
    const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
    const url = `${SITE}/uploads/s3/form`;
    for (const body of [
      broken,
      `${part('file', '; filename="a"')}x\r\n--${boundary}--\r\n`,
      `--${boundary}--\r\n`,
    ])
      expect((await handler(new Request(url, { method: 'POST', headers, body }))).status).toBe(400);
    await expect(world.file.redeem(fields.key, FOR)).rejects.toMatchObject({ code: 'not-found' });
    expect(await form(fields.key, BYTES)).toBe(204);
    const row = await world.insert(1, await world.file.redeem(fields.key, FOR));
    expect((await readOf(world, row.file)).equals(BYTES)).toBe(true);
    expect(await world.place.everything()).toEqual([row.file]);
  });

  test('that nobody redeems goes with its time', async () => {
    await using world = await openWorld(makePlace);
    const { params, form } = client(world, { keepSeconds: 1 });
    const [sent, waiting] = [await params(), await params()];
    await form(sent.fields.key, SMALL); // on a busy machine its time may be over before
    await world.recoverAll();
    expect(await world.place.everything()).toEqual([]);
    for (const { fields } of [sent, waiting]) expect(await form(fields.key, SMALL)).toBe(410);
    expect(await world.place.everything()).toEqual([]);
  });

  test('costs three requests to the storage at the most', async () => {
    await using world = await openWorld(makePlace, { accept: ['application/pdf'] });
    const { told, form } = client(world);
    const upload = async (
      id: number,
      ...sent: readonly (readonly [Buffer<ArrayBuffer>, number])[]
    ): Promise<void> => {
      const { fields } = await told('GET', `params?filename=${id}.pdf`);
      for (const [bytes, status] of sent) expect(await form(fields.key, bytes)).toBe(status);
      await world.insert(id, await world.file.redeem(fields.key, FOR));
    };
    await upload(1, [SMALL, 415], [PDF, 204]); // and what is asked once for all
    const requests = await countRequests(() => upload(2, [PDF, 204]));
    expect(requests.length, `${where}\n${requests.join('\n')}`).toBeLessThanOrEqual(3);
  });
});

describe.each([undefined, BYTES.byteLength])('parts on S3, of a file of %s bytes', size => {
  test('are one file in the end, and no URL changes it', async () => {
    await using world = await openWorld(onS3, { columns: { size: 'size' } });
    const { begin, urlOf, send, told, complete, ask } = client(world);
    const id = await begin(size);
    const urls = await Promise.all([1, 2, 3].map(number => urlOf(id, number)));
    const sent = await send(id, [1, 3]);
    expect(await told('GET', `multipart/${id}?key=film.bin`)).toMatchObject([
      { PartNumber: 1, Size: PART },
      { PartNumber: 3, Size: 1000 },
    ]);
    expect((await complete(id, sent)).status).toBe(400);
    const parts = [...sent, ...(await send(id, [2]))];
    const completed = await complete(id, parts);
    expect(completed.status).toBe(200);
    const { location, key } = await completed.json();
    expect(location).toBe(`${SITE}/uploads/s3/form/${key}`);
    expect(await (await complete(id, parts)).json()).toEqual({ location, key }); // its answer was lost
    expect(await told('GET', `multipart/${id}`)).toHaveLength(3); // Uppy asks before it completes once more
    const row = await world.insert(1, await world.file.redeem(key, FOR));
    expect(row.size).toBe(BYTES.byteLength);
    const replay = async (look: () => Promise<void>): Promise<void> => {
      for (const [index, url] of urls.entries())
        for (const bytes of [BYTES, OTHER, Buffer.alloc(0)])
          for (const method of ['PUT', 'POST', 'DELETE']) {
            const body = bytes.subarray(index * PART, (index + 1) * PART);
            const response = await world.place
              .fetch(new Request(url, { method, body }))
              .catch(() => undefined);
            await response?.body?.cancel();
            await look();
          }
      for (const method of ['POST', 'DELETE', 'GET'])
        for (const path of [
          `multipart/${id}`,
          `multipart/${id}/complete`,
          `multipart/${key}/complete`,
          `multipart/${key}`,
        ]) {
          await ask(method, path, method === 'POST' ? { parts } : undefined);
          await look();
        }
    };
    const { version } = await world.place.storage.info(row.file ?? '');
    await replay(async () => expect((await world.place.storage.info(row.file ?? '')).version).toBe(version));
    expect((await readOf(world, row.file)).equals(BYTES)).toBe(true);
    await world.file.of(row).delete();
    await replay(async () => expect(await world.place.everything()).toEqual([]));
    expect((await ask('GET', `multipart/${id}`)).status).toBe(410);
    expect(await world.journal.entries()).toEqual([]);
  });

  test('that are wrong are refused, and nothing is left after a cancel or its time', async () => {
    await using world = await openWorld(onS3, { maxSizeBytes: BYTES.byteLength });
    const { begin, send, complete, ask } = client(world);
    const id = await begin(size);
    const parts = await send(id, [1, 2, 3]);
    const [one, two, three] = parts as [Part, Part, Part];
    for (const wrong of [
      ...(size === undefined ? [] : [[one, two]]), // else the client says which parts make the file
      [one, three],
      [],
      [one, two, { ...three, ETag: two.ETag }],
      [one, two, three, three],
      [one, two, { ...three, PartNumber: 4 }],
      [one, two, { ...three, ETag: '</ETag>' }],
    ])
      expect((await complete(id, wrong)).status, JSON.stringify(wrong)).toBe(400);
    for (const number of ['0', '4', '99999', '-1', 'x'])
      expect((await ask('GET', `multipart/${id}/${number}`)).status).toBeGreaterThanOrEqual(400);
    expect((await ask('GET', `multipart/${id}/batch?partNumbers=1,4`)).status).toBe(400);
    expect((await ask('DELETE', `multipart/${id}`)).status).toBe(200);
    expect(await world.place.everything()).toEqual([]);
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/complete'],
    ])
      expect(
        (await ask(method ?? '', `multipart/${id}${path}`, method === 'POST' ? { parts } : undefined)).status,
      ).toBe(410);
    const brief = client(world, { keepSeconds: 1 });
    const left = await brief.begin(size);
    await brief.send(left, [1]).catch(() => {}); // on a busy machine its time may be over before
    await world.recoverAll();
    expect(await world.place.everything()).toEqual([]);
    expect((await ask('GET', `multipart/${left}/1`)).status).toBe(410);
  });

  test('are nobody else’s', async () => {
    await using world = await openWorld(onS3);
    const { begin, send } = client(world);
    const id = await begin(size);
    const parts = await send(id, [1, 2, 3]);
    const other = client(world, { user: 'user 8' });
    const { token } = await world.file.claim({ filename: 'a', sizeBytes: 1, ...FOR });
    const altered = `${id.slice(0, 5)}${id[5] === 'A' ? 'B' : 'A'}${id.slice(6)}`;
    const { fields } = await client(world).params();
    for (const [who, which] of [
      [other, id],
      [client(world), altered],
      [client(world), 'x.y'],
      [client(world), token],
      [client(world), fields.key],
    ] as const) {
      expect((await who.ask('GET', `multipart/${which}`)).status).toBeGreaterThanOrEqual(403);
      expect((await who.ask('GET', `multipart/${which}/1`)).status).toBeGreaterThanOrEqual(403);
      expect((await who.ask('DELETE', `multipart/${which}`)).status).toBeGreaterThanOrEqual(403);
      expect((await who.complete(which, parts)).status).toBeGreaterThanOrEqual(403);
      if (which !== fields.key) expect(await who.form(which, SMALL)).toBeGreaterThanOrEqual(403);
    }
    expect(await other.form(fields.key, SMALL)).toBe(404);
    expect((await client(world).complete(id, parts)).status).toBe(200);
  });
});

test('what cannot be, is told before a byte comes', async () => {
  const onDisk = places.disk as NonNullable<(typeof places)[string]>;
  await using disk = await openWorld(onDisk, { maxSizeBytes: 1000, accept: ['image/png'] });
  const { ask, handler } = client(disk);
  const file = { filename: 'a.png', type: 'image/png' };
  const unsigned = await ask('POST', 'multipart', file);
  expect([unsigned.status, (await unsigned.json()).code]).toEqual([501, 'unsupported']);
  expect((await ask('POST', 'multipart', { ...file, metadata: { sizeBytes: 1001 } })).status).toBe(413);
  expect((await ask('POST', 'multipart', { ...file, metadata: { sizeBytes: 'many' } })).status).toBe(400);
  expect((await ask('POST', 'multipart', { type: 'image/png' })).status).toBe(400);
  expect((await ask('POST', 'multipart', [])).status).toBe(400);
  expect((await ask('GET', 'params?filename=a.png&type=image/png&metadata[sizeBytes]=1001')).status).toBe(
    413,
  );
  expect((await ask('GET', 'params?filename=a.html&type=text/html')).status).toBe(415);
  expect((await ask('GET', 'params')).status).toBe(400);
  expect((await ask('POST', 'params', {})).status).toBe(405);
  expect((await ask('GET', 'elsewhere')).status).toBe(404);
  const url = `${SITE}/uploads/s3/params?filename=a.png`;
  const foreign = new Request(url, { headers: { 'sec-fetch-site': 'cross-site' } });
  expect((await handler(foreign)).status).toBe(403);
  const denied = uppy({ field: disk.file, baseUrl: '/uploads', user: () => 'user 7' });
  expect((await denied(new Request(url))).status).toBe(403);
  expect(await disk.place.everything()).toEqual([]);
  expect(await disk.journal.entries()).toEqual([]);
  for (const wrong of [
    { baseUrl: 'uploads' },
    { keepSeconds: 0 },
    { keepSeconds: Infinity },
    { urlSeconds: 1.5 },
    { urlSeconds: 604_801 },
    { origins: ['x'] },
    { size: 1 },
  ])
    expect(() => uppy({ field: disk.file, baseUrl: '/uploads', user: () => 'a', ...wrong } as never)).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
});

test('pages of other origins may ask where they are named, and addresses are those that clients reach', async () => {
  const inMemory = places.memory as NonNullable<(typeof places)[string]>;
  await using world = await openWorld(inMemory);
  const origin = 'https://app.example.com';
  const options = { field: world.file, baseUrl: 'https://files.example.com/uploads', user: () => 'user 7' };
  const handler = uppy({ ...options, authorize: () => true, origins: [origin] });
  const url = `${SITE}/uploads/s3/params?filename=a.bin`;
  const asked = new Request(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'DELETE',
      'access-control-request-headers': 'content-type',
    },
  });
  const allowed = await handler(asked);
  expect(allowed.headers.get('access-control-allow-origin')).toBe(origin);
  expect(allowed.headers.get('access-control-allow-methods')).toContain('DELETE');
  expect(allowed.headers.get('access-control-allow-headers')).toContain('content-type');
  const headers = { origin, 'sec-fetch-site': 'cross-site' };
  const answer = await handler(new Request(url, { headers }));
  expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
  expect((await answer.json()).url).toBe('https://files.example.com/uploads/s3/form');
  const other = await handler(new Request(url, { headers: { ...headers, origin: 'https://evil.example' } }));
  expect(other.status).toBe(403);
  const asks = uppy({ ...options, authorize: () => Response.redirect(`${SITE}/sign-in`), origins: [origin] });
  expect((await asks(new Request(url, { headers }))).status).toBe(302);
});
