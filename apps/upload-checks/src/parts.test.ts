import { createHash } from 'node:crypto';
import { claimParts, type PartsClaim, signParts, storedParts } from '@fieldfile/core/resumable';
import { expect, test } from 'vitest';
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

async function put(
  world: World,
  { url, method, headers }: { readonly url: string; readonly method: string; readonly headers: HeadersInit },
  body: Buffer<ArrayBuffer>,
): Promise<number> {
  const response = await world.place.fetch(new Request(url, { method, headers, body }));
  await response.body?.cancel();
  return response.status;
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
