import { createHash } from 'node:crypto';
import { isFieldFileError, type SessionClaim } from '@fieldfile/core';
import { claimsInParts, endParts, signParts, storedSoFar } from '@fieldfile/core/resumable';
import { claims } from '@fieldfile/http/claims';
import { expect, test } from 'vitest';
import { countRequests } from './count-requests.ts';
import { places } from './places.ts';
import { openWorld, type World } from './world.ts';

// A client sends to a session of Google Cloud Storage.

/** Of what is no multiple of 256 KiB the service keeps nothing before the last bytes. */
const FIRST_BYTES = 512 * 1024;
const BYTES: Buffer<ArrayBuffer> = Buffer.alloc(FIRST_BYTES + 1000, 'the file of a client, ');
const OTHER: Buffer<ArrayBuffer> = Buffer.from(BYTES).fill(9, 100);
const USER = 'user 7';
const FOR = { for: USER };
const FILE = { filename: 'film.bin', sizeBytes: BYTES.byteLength, ...FOR, parts: 'always' } as const;
const COLUMNS = { columns: { size: 'size', digest: 'digest' } } as const;
const APP = 'https://app.example.com';
const onGcs = places['Google Cloud Storage'] as NonNullable<(typeof places)[string]>;

async function claimed({ file }: World, options: object = {}): Promise<SessionClaim> {
  const claim = await file.claim({ ...FILE, ...options });
  if (!('session' in claim)) throw new Error(`It is no session: ${Object.keys(claim)}.`);
  return claim;
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  await response.arrayBuffer();
  return response;
}

/** Sends bytes of a content. @returns the status of the answer. */
async function send(
  { session }: SessionClaim,
  content: Buffer<ArrayBuffer>,
  { start = 0, endExclusive = content.byteLength }: { start?: number; endExclusive?: number } = {},
): Promise<number> {
  const range = start === endExclusive ? '*' : `${start}-${endExclusive - 1}`;
  const headers = { 'content-range': `bytes ${range}/${content.byteLength}` };
  const body = content.subarray(start, endExclusive);
  return (await ask(session.url, { method: 'PUT', headers, body })).status;
}

/** Sends everything that somebody who has the URL might try. What it is answered does not matter. */
async function replayed(world: World, claim: SessionClaim, look: () => Promise<void>): Promise<void> {
  const { session } = claim;
  const held = Buffer.from(`FieldFile holds this name for the upload of claim ${'0'.repeat(32)}.\n`);
  const another = await claimed(world, { filename: 'another.bin' });
  await look();
  for (const bytes of [BYTES, OTHER, held, Buffer.alloc(0)])
    for (const headers of [
      undefined,
      { 'content-range': `bytes 0-${bytes.byteLength - 1}/${bytes.byteLength}` },
      { 'content-range': `bytes 0-${bytes.byteLength - 1}/*`, 'x-goog-if-generation-match': '0' },
      { 'content-type': 'text/html', 'x-upload-content-length': '1' },
    ]) {
      await ask(session.url, { method: 'PUT', body: bytes, ...(headers ? { headers } : {}) });
      await look();
    }
  for (const total of ['*', BYTES.byteLength, 1])
    await ask(session.url, { method: 'PUT', headers: { 'content-range': `bytes */${total}` } });
  await look();
  // Its name and condition, in the session of another claim.
  const mixed = new URL(session.url);
  mixed.searchParams.set('upload_id', new URL(another.session.url).searchParams.get('upload_id') ?? '');
  await ask(mixed.href, { method: 'PUT', body: OTHER });
  await look();
  const begun = new URL(session.url);
  begun.searchParams.delete('upload_id');
  expect((await ask(begun.href, { method: 'POST' })).status).toBe(401);
  for (const method of ['POST', 'GET', 'PATCH', 'DELETE', 'PUT', 'DELETE']) {
    await ask(session.url, { method, ...(method === 'GET' ? {} : { body: OTHER }) });
    await look();
  }
  await endParts(world.file, another.token, FOR);
}

test('a client sends to a session, goes on where it was cut off, and a row gets the file', async () => {
  await using world = await openWorld(onGcs, COLUMNS);
  expect(claimsInParts(world.file)).toBe(true);
  const claim = await claimed(world);
  const stored = () => storedSoFar(world.file, claim.token, FOR);
  expect(await stored()).toEqual({ storedBytes: 0 });
  expect(await send(claim, BYTES, { endExclusive: FIRST_BYTES })).toBe(308);
  expect(await stored()).toEqual({ storedBytes: FIRST_BYTES });
  await expect(world.file.redeem(claim.token, FOR)).rejects.toMatchObject({
    ...{ code: 'not-found', retryable: true },
  });
  expect(await send(claim, BYTES, { start: FIRST_BYTES })).toBe(200);
  expect(await stored()).toEqual({ storedBytes: BYTES.byteLength });
  const row = await world.insert(1, await world.file.redeem(claim.token, FOR));
  const digest = createHash('sha256').update(BYTES).digest('base64');
  expect(row).toMatchObject({ file: 'scans/film.bin', size: BYTES.byteLength, digest: `sha256-${digest}` });
  await expect(world.file.redeem(claim.token, FOR)).rejects.toMatchObject({ code: 'intent-lost' });
  expect(await world.journal.entries()).toEqual([]);
});

test('costs the application three requests to the storage: the name is held, the session begun, the file verified', async () => {
  await using world = await openWorld(onGcs);
  await claimed(world, { filename: 'other.bin' }); // what is asked once for all
  const digest = { algorithm: 'md5', base64: createHash('md5').update(BYTES).digest('base64') };
  for (const [index, options] of [{}, { digest: undefined }].entries()) {
    const requests = await countRequests(async () => {
      const claim = await claimed(world, { ...options, filename: `film ${index}.bin` });
      expect(await send(claim, BYTES)).toBe(200);
      await world.insert(index, await world.file.redeem(claim.token, FOR));
    });
    expect(requests, requests.join('\n')).toHaveLength(3);
  }
  const given = await countRequests(() => claimed(world, { digest, filename: 'digest.bin' }));
  expect(given, given.join('\n')).toHaveLength(2);
});

test('nothing that is sent changes or brings back the file once it was redeemed', async () => {
  await using world = await openWorld(onGcs, COLUMNS);
  const claim = await claimed(world);
  expect(await send(claim, BYTES)).toBe(200);
  const row = await world.insert(1, await world.file.redeem(claim.token, FOR));
  const name = row.file ?? '';
  const { version } = await world.place.storage.info(name);
  await replayed(world, claim, async () =>
    expect((await world.place.storage.info(name)).version).toBe(version),
  );
  expect(Buffer.from((await world.file.of(row).stored?.bytes()) ?? []).equals(BYTES)).toBe(true);
  await world.file.of(row).delete();
  await replayed(world, claim, async () => expect(await world.place.storage.exists(name)).toBe(false));
  await world.place.storage.save(name, 'another');
  await replayed(world, claim, async () => expect((await world.place.storage.info(name)).sizeBytes).toBe(7));
  expect(await world.place.everything()).toEqual([name]);
});

test('what was not finished before the file was redeemed by another session makes nothing', async () => {
  await using world = await openWorld(onGcs, COLUMNS);
  const claim = await claimed(world);
  await send(claim, OTHER, { endExclusive: FIRST_BYTES });
  await endParts(world.file, claim.token, FOR);
  const other = await claimed(world);
  expect(await send(other, BYTES)).toBe(200);
  const row = await world.insert(1, await world.file.redeem(other.token, FOR));
  expect(row.file).toBe('scans/film.bin'); // the same name
  expect(await send(claim, OTHER, { start: FIRST_BYTES })).toBe(410);
  expect(Buffer.from((await world.file.of(row).stored?.bytes()) ?? []).equals(BYTES)).toBe(true);
});

test('given up with its token nothing can be sent, and nothing is left', async () => {
  await using world = await openWorld(onGcs, COLUMNS);
  const claim = await claimed(world);
  await send(claim, BYTES, { endExclusive: FIRST_BYTES });
  expect(await endParts(world.file, claim.token, FOR)).toBe(true);
  expect(await world.place.everything()).toEqual([]);
  expect(await world.journal.entries()).toEqual([]);
  expect(await send(claim, BYTES, { start: FIRST_BYTES })).toBe(410);
  expect(await send(claim, BYTES)).toBe(410);
  await expect(storedSoFar(world.file, claim.token, FOR)).rejects.toMatchObject({ code: 'intent-lost' });
  expect(await endParts(world.file, claim.token, FOR)).toBe(false);
  expect(await world.place.everything()).toEqual([]);
});

test('what a row has is not given up by the token that it came by', async () => {
  await using world = await openWorld(onGcs, COLUMNS);
  const claim = await claimed(world);
  await send(claim, BYTES);
  const row = await world.insert(1, await world.file.redeem(claim.token, FOR));
  expect(await endParts(world.file, claim.token, FOR)).toBe(false);
  expect(Buffer.from((await world.file.of(row).stored?.bytes()) ?? []).equals(BYTES)).toBe(true);
});

test('after a week the service forgets sessions: what was made by one counts, what was not finished is lost', async () => {
  await using world = await openWorld(onGcs, COLUMNS);
  const made = await claimed(world);
  const half = await claimed(world, { filename: 'half.bin' });
  await send(made, BYTES);
  await send(half, BYTES, { endExclusive: FIRST_BYTES });
  await world.place.forget?.();
  expect(await send(half, BYTES, { start: FIRST_BYTES })).toBe(404);
  expect(await storedSoFar(world.file, made.token, FOR)).toEqual({ storedBytes: BYTES.byteLength });
  await expect(storedSoFar(world.file, half.token, FOR)).rejects.toMatchObject({ code: 'intent-lost' });
  await world.insert(1, await world.file.redeem(made.token, FOR));
  expect(await endParts(world.file, half.token, FOR)).toBe(true);
  expect(await world.place.everything()).toEqual(['scans/film.bin']);
});

test('what nobody redeems ends by the journal, and what is sent later makes nothing', async () => {
  await using world = await openWorld(onGcs, COLUMNS);
  const brief = { expiresInSeconds: 1, keepSeconds: 1 };
  const [begun, sent, half] = await Promise.all([
    claimed(world, { ...brief, filename: 'begun.bin' }),
    claimed(world, { ...brief, filename: 'sent.bin' }),
    claimed(world, { ...brief, filename: 'half.bin' }),
  ]);
  expect(await send(sent, BYTES)).toBe(200);
  await send(half, BYTES, { endExclusive: FIRST_BYTES });
  await world.recoverAll();
  expect(await world.place.everything()).toEqual([]);
  expect(await send(begun, BYTES)).toBe(412);
  expect(await send(half, BYTES, { start: FIRST_BYTES })).toBe(412);
  expect(await send(sent, OTHER)).toBe(200); // what it was answered before
  expect(await world.place.everything()).toEqual([]);
  for (const { token } of [begun, sent, half]) {
    await expect(world.file.redeem(token, FOR)).rejects.toMatchObject({ code: 'intent-lost' });
    await expect(storedSoFar(world.file, token, FOR)).rejects.toMatchObject({ code: 'intent-lost' });
  }
});

test('a claim that cannot be given out leaves nothing', async () => {
  await using world = await openWorld(onGcs, { ...COLUMNS, maxSizeBytes: BYTES.byteLength });
  for (const wrong of [
    { origin: 'app.example.com' },
    { origin: 'https://app.example.com/' },
    { origin: 'https://app.example.com\r\nx-goog-acl: public-read' },
    { sizeBytes: BYTES.byteLength + 1 },
    { sizeBytes: -1 },
    { filename: '' },
  ])
    await expect(claimed(world, wrong)).rejects.toSatisfy(error => isFieldFileError(error));
  const aborted = AbortSignal.abort();
  await expect(claimed(world, { signal: aborted })).rejects.toMatchObject({ code: 'aborted' });
  expect(await world.place.everything()).toEqual([]);
  expect(await world.journal.entries()).toEqual([]);
});

test('what is not what was claimed is refused, by the service where it can, else when it is redeemed', async () => {
  await using world = await openWorld(onGcs, { ...COLUMNS, accept: ['image/png'] });
  const png = { filename: 'me.png', contentType: 'image/png' };
  const html = await claimed(world, png);
  await ask(html.session.url, {
    ...{ method: 'PUT', headers: { 'content-type': 'text/html' } },
    body: Buffer.from('<html>'.padEnd(BYTES.byteLength)),
  });
  await expect(world.file.redeem(html.token, FOR)).rejects.toMatchObject({ code: 'not-accepted' });
  await using free = await openWorld(onGcs, COLUMNS);
  const digestOf = (algorithm: 'md5' | 'sha256') => ({
    ...{ algorithm, base64: createHash(algorithm).update(BYTES).digest('base64') },
  });
  const bound = await claimed(free, { digest: digestOf('md5') });
  expect(await send(bound, OTHER)).toBe(400);
  await expect(free.file.redeem(bound.token, FOR)).rejects.toMatchObject({ code: 'not-found' });
  const read = await claimed(free, { digest: digestOf('sha256'), filename: 'read.bin' });
  expect(await send(read, OTHER)).toBe(200);
  await expect(free.file.redeem(read.token, FOR)).rejects.toMatchObject({ code: 'integrity' });
  const longer = await claimed(free, { filename: 'longer.bin' });
  expect(await send(longer, Buffer.concat([BYTES, BYTES]))).toBe(400);
  expect([...(await free.place.everything())].sort()).toEqual(['scans/film.bin', 'scans/longer.bin']);
});

test('tokens that were altered, of another user, or of another claim are refused', async () => {
  await using world = await openWorld(onGcs, COLUMNS);
  const { token } = await claimed(world);
  const [payload = '', signature = ''] = token.split('.');
  const said = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const altered = (change: object): string =>
    `${Buffer.from(JSON.stringify({ ...said, ...change })).toString('base64url')}.${signature}`;
  const tokens = [
    altered({ session: 'http://169.254.169.254/latest/meta-data' }),
    altered({ sizeBytes: 1 }),
    altered({ untilMs: Number.MAX_SAFE_INTEGER }),
    ...Array.from({ length: 100 }, (_, index) => {
      const at = Math.floor((index * token.length) / 100);
      return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
    }),
    `${token}x`,
    token.slice(1),
    '',
  ];
  const uses = [
    (one: string, user: string) => storedSoFar(world.file, one, { for: user }),
    (one: string, user: string) => endParts(world.file, one, { for: user }),
    (one: string, user: string) => world.file.redeem(one, { for: user }),
  ];
  const requests = await countRequests(async () => {
    for (const use of uses) {
      for (const one of tokens) await expect(use(one, USER)).rejects.toMatchObject({ code: 'permission' });
      await expect(use(token, 'user 8')).rejects.toMatchObject({ code: 'permission' });
    }
  });
  expect(requests).toEqual([]);
  await expect(signParts(world.file, token, { ...FOR, numbers: [1] })).rejects.toMatchObject({
    code: 'permission',
  });
  const { parts: _, ...whole } = FILE;
  const plain = await world.file.claim({ ...whole, filename: 'whole.bin' });
  await expect(storedSoFar(world.file, plain.token, FOR)).rejects.toMatchObject({ code: 'permission' });
});

test('the handler gives sessions for large files, to the page that asks, and tells how much is stored', async () => {
  await using world = await openWorld(onGcs, COLUMNS);
  const handler = (user = USER) =>
    claims({
      ...{ field: world.file, authorize: () => true, user: () => user, origins: [APP] },
      partsAboveBytes: FIRST_BYTES,
    });
  const asked = async (
    question: object,
    { user, ...headers }: { readonly user?: string; readonly origin?: string } = {},
  ): Promise<readonly [number, Readonly<Record<string, unknown>>]> => {
    const body = JSON.stringify(question);
    const request = new Request('http://localhost/claims', { method: 'POST', body, headers });
    const response = await handler(user)(request);
    return [response.status, (await response.json()) as Record<string, unknown>];
  };
  const allowed = async (claim: unknown): Promise<string | null> => {
    const { url } = (claim as SessionClaim).session;
    const headers = { origin: 'https://whoever.example', 'access-control-request-method': 'PUT' };
    return (await ask(url, { method: 'OPTIONS', headers })).headers.get('access-control-allow-origin');
  };
  const file = { filename: 'film.bin', sizeBytes: BYTES.byteLength };
  expect(await asked({ ...file, sizeBytes: FIRST_BYTES })).toMatchObject([
    200,
    { upload: { method: 'PUT' } },
  ]);
  for (const origin of [APP, 'http://localhost', undefined]) {
    const [status, claim] = await asked(file, origin === undefined ? {} : { origin });
    expect([status, Object.keys(claim).sort()]).toEqual([200, ['session', 'token']]);
    expect(await allowed(claim)).toBe(origin ?? null);
  }
  expect(await asked({ ...file, origin: APP }, { origin: 'https://b.example' })).toMatchObject([403, {}]);
  const [, claim] = await asked({ ...file, origin: 'https://b.example' }, { origin: APP });
  expect(await allowed(claim)).toBe(APP);
  const { token } = claim;
  await send(claim as unknown as SessionClaim, BYTES, { endExclusive: FIRST_BYTES });
  expect(await asked({ token })).toEqual([200, { storedBytes: FIRST_BYTES }]);
  for (const question of [{ token }, { token, end: true }, { token, numbers: [1] }])
    expect(await asked(question, { user: 'user 8' })).toMatchObject([404, { code: 'not-found' }]);
  expect(await asked({ token, numbers: [1] })).toMatchObject([403, { code: 'permission' }]);
  expect(await asked({ token, end: true })).toEqual([200, { ended: true }]);
  expect(await asked({ token })).toMatchObject([410, { code: 'intent-lost' }]);
});
