import { createHash } from 'node:crypto';
import type { ClientPart } from '@fieldfile/core';
import {
  claimParts,
  completeParts,
  type PartsClaim,
  partRequests,
  signParts,
  storedParts,
} from '@fieldfile/core/resumable';
import { describe, expect, test } from 'vitest';
import { countRequests } from './count-requests.ts';
import { places } from './places.ts';
import { openWorld, type World } from './world.ts';

const PART = 5 * 1024 * 1024;
const BYTES: Buffer<ArrayBuffer> = Buffer.alloc(2 * PART + 1000, 'the file of a client, ');
const OTHER: Buffer<ArrayBuffer> = Buffer.alloc(BYTES.byteLength, 'something else');
const FOR = { for: 'user 7' };
const COLUMNS = { columns: { size: 'size', digest: 'digest' } } as const;
const file = { filename: 'film.bin', sizeBytes: BYTES.byteLength, ...FOR };
const onS3 = places.S3 as NonNullable<(typeof places)[string]>;

/** Sends parts as a browser does. @returns the statuses. */
async function send(
  world: World,
  { token }: PartsClaim,
  numbers: readonly number[],
  bytes = BYTES,
): Promise<readonly number[]> {
  const parts = await signParts(world.file, token, { ...FOR, numbers });
  return Promise.all(
    parts.map(part => put(world, part.request, bytes.subarray(part.offset, part.offset + part.sizeBytes))),
  );
}

interface Sent {
  readonly url: string;
  readonly method: string;
  readonly headers: HeadersInit;
}

async function put(world: World, sent: Sent, body: Buffer<ArrayBuffer>): Promise<number> {
  return (await answered(world, sent, body)).status;
}

async function answered(world: World, { url, ...sent }: Sent, body: Buffer<ArrayBuffer>): Promise<Response> {
  const response = await world.place.fetch(new Request(url, { ...sent, body }));
  await response.body?.cancel();
  return response;
}

/** Sends a file in parts of 5 MiB, whatever was claimed. @returns what the client was answered for each. */
async function sendAll(world: World, token: string, bytes = BYTES): Promise<readonly ClientPart[]> {
  const numbers = Array.from(
    { length: Math.max(1, Math.ceil(bytes.byteLength / PART)) },
    (_, index) => index + 1,
  );
  const requests = await partRequests(world.file, token, { ...FOR, numbers });
  return Promise.all(
    requests.map(async ({ number, request }) => {
      const part = bytes.subarray((number - 1) * PART, number * PART);
      const { headers } = await answered(world, request, part);
      return { number, receipt: headers.get('etag') ?? '' };
    }),
  );
}

test('a client sends a large file in parts, goes on after an interruption, and a row gets it once it was verified', async () => {
  await using world = await openWorld(onS3, COLUMNS);
  const claim = await claimParts(world.file, { ...file, partBytes: PART });
  expect(claim).toMatchObject({ partBytes: PART, partCount: 3 });
  await send(world, claim, [3, 1]);
  await expect(world.file.redeem(claim.token, FOR)).rejects.toMatchObject({
    code: 'not-found',
    retryable: true,
  });
  expect(await storedParts(world.file, claim.token, FOR)).toEqual([1, 3]);
  expect(await send(world, claim, [2])).toEqual([200]);
  const row = await world.insert(1, await world.file.redeem(claim.token, FOR));
  const digest = createHash('sha256').update(BYTES).digest('base64');
  expect(row).toMatchObject({ size: BYTES.byteLength, digest: `sha256-${digest}` });
  expect(Buffer.from((await world.file.of(row).stored?.bytes()) ?? []).equals(BYTES)).toBe(true);
  await expect(world.file.redeem(claim.token, FOR)).rejects.toMatchObject({ code: 'intent-lost' });
  expect(await world.journal.entries()).toEqual([]);
});

test('no URL of a part changes or brings back the file once it was redeemed', async () => {
  await using world = await openWorld(onS3, COLUMNS);
  const claim = await claimParts(world.file, { ...file, partBytes: PART });
  const urls = await signParts(world.file, claim.token, { ...FOR, numbers: [1, 2, 3] });
  await send(world, claim, [1, 2, 3]);
  const row = await world.insert(1, await world.file.redeem(claim.token, FOR));
  const name = row.file ?? '';
  const replay = async (look: () => Promise<void>): Promise<void> => {
    for (const { request, offset, sizeBytes } of urls)
      for (const bytes of [BYTES, OTHER]) {
        await put(world, request, bytes.subarray(offset, offset + sizeBytes)).catch(() => 0);
        await look();
      }
  };
  const { version } = await world.place.storage.info(name);
  await replay(async () => expect((await world.place.storage.info(name)).version).toBe(version));
  await world.file.of(row).delete();
  await replay(async () => expect(await world.place.storage.exists(name)).toBe(false));
});

test('what has another digest than was claimed is removed, and what nobody redeems ends by the journal', async () => {
  await using world = await openWorld(onS3, COLUMNS);
  const digest = {
    algorithm: 'sha256',
    base64: createHash('sha256').update(BYTES).digest('base64'),
  } as const;
  const refused = await claimParts(world.file, { ...file, digest, partBytes: PART });
  await send(world, refused, [1, 2, 3], OTHER);
  await expect(world.file.redeem(refused.token, FOR)).rejects.toMatchObject({ code: 'integrity' });
  expect(await world.place.everything()).toEqual([]);
  const left = await claimParts(world.file, {
    ...file,
    expiresInSeconds: 1,
    keepSeconds: 1,
    partBytes: PART,
  });
  const urls = await signParts(world.file, left.token, { ...FOR, numbers: [1] });
  await send(world, left, [1]);
  await world.recoverAll();
  expect(await world.place.everything()).toEqual([]);
  for (const { request, sizeBytes } of urls)
    expect(await put(world, request, BYTES.subarray(0, sizeBytes))).toBeGreaterThanOrEqual(400);
  await expect(signParts(world.file, left.token, { ...FOR, numbers: [1] })).rejects.toMatchObject({
    code: 'intent-lost',
  });
});

test('signs no part for another user, of another token, or that the file has not', async () => {
  await using world = await openWorld(onS3, COLUMNS);
  const claim = await claimParts(world.file, { ...file, partBytes: PART });
  const numbers = [1];
  await expect(signParts(world.file, claim.token, { for: 'user 8', numbers })).rejects.toMatchObject({
    code: 'permission',
  });
  await expect(signParts(world.file, `${claim.token}x`, { ...FOR, numbers })).rejects.toMatchObject({
    code: 'permission',
  });
  const whole = await world.file.claim(file);
  await expect(signParts(world.file, whole.token, { ...FOR, numbers })).rejects.toMatchObject({
    code: 'permission',
  });
  for (const number of [0, 4, 1.5])
    await expect(signParts(world.file, claim.token, { ...FOR, numbers: [number] })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
});

test('a storage that signs no parts says so', async () => {
  const onDisk = places.disk as NonNullable<(typeof places)[string]>;
  await using world = await openWorld(onDisk, COLUMNS);
  await expect(claimParts(world.file, file)).rejects.toMatchObject({ code: 'unsupported' });
  expect(await world.journal.entries()).toEqual([]);
});

test('costs the application three requests to the storage: no part is asked for whose length was signed', async () => {
  await using world = await openWorld(onS3);
  const upload = async (id: number, filename: string): Promise<void> => {
    const claim = await claimParts(world.file, { ...file, filename, partBytes: PART });
    const parts = await sendAll(world, claim.token);
    const { token } = await completeParts(world.file, claim.token, { ...FOR, parts });
    await world.insert(id, await world.file.redeem(token, FOR));
  };
  await upload(1, 'other.bin'); // what is asked once for all
  const requests = await countRequests(() => upload(2, 'film.bin'));
  expect(requests.length, requests.join('\n')).toBe(3);
  expect(
    Buffer.from((await world.place.storage.open('scans/film.bin').then(one => one.bytes())) ?? []).equals(
      BYTES,
    ),
  ).toBe(true);
});

test('a file whose size nobody said comes in parts of any length, which are counted in the end', async () => {
  await using world = await openWorld(onS3, { ...COLUMNS, maxSizeBytes: BYTES.byteLength });
  const { sizeBytes: _, ...unknown } = file;
  const claim = await claimParts(world.file, unknown);
  expect(claim).toMatchObject({ partBytes: PART, partCount: 3 });
  const parts = await sendAll(world, claim.token);
  await expect(world.file.redeem(claim.token, FOR)).rejects.toMatchObject({ code: 'not-found' });
  await expect(
    completeParts(world.file, claim.token, {
      ...FOR,
      parts: parts.with(1, { number: 2, receipt: '"0123"' }),
    }),
  ).rejects.toMatchObject({ code: 'integrity' });
  await expect(
    completeParts(world.file, claim.token, { ...FOR, parts: parts.slice(1) }),
  ).rejects.toMatchObject({ code: 'integrity' });
  const { token } = await completeParts(world.file, claim.token, { ...FOR, parts });
  const again = await completeParts(world.file, claim.token, { ...FOR, parts });
  const row = await world.insert(1, await world.file.redeem(token, FOR));
  expect(row.size).toBe(BYTES.byteLength);
  await expect(world.file.redeem(again.token, FOR)).rejects.toMatchObject({ code: 'intent-lost' });
  await expect(world.file.redeem(claim.token, FOR)).rejects.toMatchObject({ code: 'intent-lost' });

  const larger = await claimParts(world.file, { ...unknown, maxBytes: PART });
  expect(larger.partCount).toBe(1);
  await sendAll(world, larger.token, BYTES.subarray(0, PART));
  await expect(signParts(world.file, larger.token, { ...FOR, numbers: [1] })).rejects.toMatchObject({
    code: 'invalid-argument',
  });
  const [only] = await partRequests(world.file, larger.token, { ...FOR, numbers: [1] });
  expect(only && (await put(world, only.request, BYTES.subarray(0, PART + 1)))).toBe(200);
  expect(await world.place.everything()).toEqual([row.file, expect.stringMatching(/^an upload of /)]);
  await expect(completeParts(world.file, larger.token, FOR)).rejects.toMatchObject({ code: 'too-large' });
  expect(await world.place.everything()).toEqual([row.file]);
});

test('what was made is not redeemed where another part than was told is there, or another user asks', async () => {
  await using world = await openWorld(onS3);
  const claim = await claimParts(world.file, { ...file, partBytes: PART });
  const parts = await sendAll(world, claim.token);
  await sendAll(world, claim.token, OTHER);
  await expect(completeParts(world.file, claim.token, { ...FOR, parts })).rejects.toMatchObject({
    code: 'integrity',
  });
  const { token } = await completeParts(world.file, claim.token, {
    ...FOR,
    parts: await sendAll(world, claim.token),
  });
  await expect(world.file.redeem(token, { for: 'user 8' })).rejects.toMatchObject({ code: 'permission' });
  const [payload = '', signature = ''] = token.split('.');
  const said = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const altered = Buffer.from(JSON.stringify({ ...said, made: { ...said.made, sizeBytes: 1 } })).toString(
    'base64url',
  );
  await expect(world.file.redeem(`${altered}.${signature}`, FOR)).rejects.toMatchObject({
    code: 'permission',
  });
  await world.insert(1, await world.file.redeem(token, FOR));
});

describe('field.claim', () => {
  test('gives parts where they are asked for, and redeem makes the file of what the client was answered', async () => {
    await using world = await openWorld(onS3, COLUMNS);
    const claim = await world.file.claim({ ...file, parts: 'always', partBytes: PART });
    expect(claim).toMatchObject({ partBytes: PART, partCount: 3 });
    const parts = await sendAll(world, claim.token);
    await expect(world.file.redeem(claim.token, { ...FOR, parts: parts.slice(1) })).rejects.toMatchObject({
      code: 'integrity',
    });
    const row = await world.insert(1, await world.file.redeem(claim.token, { ...FOR, parts }));
    expect(row.size).toBe(BYTES.byteLength);
    expect(await world.journal.entries()).toEqual([]);
  });

  test('gives one request where the storage takes the file in one, else parts', async () => {
    await using world = await openWorld(onS3);
    const small = await world.file.claim({ ...file, parts: 'if-needed' });
    expect('upload' in small).toBe(true);
    const large = { ...file, sizeBytes: 6 * 1024 ** 3 };
    const claim = await world.file.claim({ ...large, parts: 'if-needed' });
    expect(claim).toMatchObject({ partCount: 384 });
    await expect(world.file.claim(large)).rejects.toMatchObject({ code: 'too-large' });
    expect((await world.journal.entries()).length).toBe(2);
    await using disk = await openWorld(places.disk as NonNullable<(typeof places)[string]>, {
      maxSizeBytes: 10,
    });
    await expect(disk.file.claim({ ...file, sizeBytes: 5, parts: 'always' })).rejects.toMatchObject({
      code: 'unsupported',
    });
    await expect(disk.file.claim({ ...file, parts: 'if-needed' })).rejects.toMatchObject({
      code: 'too-large',
    });
    await expect(disk.file.claim({ ...file, sizeBytes: 5, parts: 'many' as 'always' })).rejects.toMatchObject(
      { code: 'invalid-argument' },
    );
  });
});
