import type { ClaimedPart } from '@fieldfile/core/resumable';
import { claims } from '@fieldfile/http/claims';
import { expect, test } from 'vitest';
import { countRequests } from './count-requests.ts';
import { places } from './places.ts';
import { openWorld, type World } from './world.ts';

// What the handler of claims answers about parts.

const PART = 5 * 1024 * 1024;
const BYTES: Buffer<ArrayBuffer> = Buffer.alloc(2 * PART + 1000, 'the file of a client, ');
const USER = 'user 7';
const FILE = { filename: 'film.bin', sizeBytes: BYTES.byteLength };
const onS3 = places.S3 as NonNullable<(typeof places)[string]>;

type Answer = readonly [number, Readonly<Record<string, unknown>>];

async function ask({ file }: World, question: object, user = USER): Promise<Answer> {
  const handler = claims({
    ...{ field: file, authorize: () => true, user: () => user },
    ...{ partsAboveBytes: PART, partBytes: PART },
  });
  const body = JSON.stringify(question);
  const response = await handler(new Request('http://localhost/claims', { method: 'POST', body }));
  return [response.status, (await response.json()) as Answer[1]];
}

/** Has parts signed, and sends them. @returns the requests, and what the storage answered. */
async function send(
  world: World,
  token: unknown,
  numbers: readonly number[],
): Promise<{ readonly parts: readonly ClaimedPart[]; readonly statuses: readonly number[] }> {
  const [, { parts }] = await ask(world, { token, numbers });
  const signed = parts as readonly ClaimedPart[];
  return { parts: signed, statuses: await Promise.all(signed.map(part => put(world, part))) };
}

async function put(world: World, { request, offset, sizeBytes }: ClaimedPart): Promise<number> {
  const { url, method, headers } = request;
  const body = BYTES.subarray(offset, offset + sizeBytes);
  const response = await world.place.fetch(new Request(url, { method, headers, body }));
  await response.body?.cancel();
  return response.status;
}

test('it signs parts, tells which are stored, and gives up: for the user who claimed', async () => {
  await using world = await openWorld(onS3);
  const [, claim] = await ask(world, FILE);
  expect(claim).toMatchObject({ partBytes: PART, partCount: 3 });
  const { token } = claim;
  for (const question of [{ token, numbers: [1] }, { token }, { token, end: true }])
    expect(await ask(world, question, 'user 8')).toMatchObject([404, { code: 'not-found' }]);
  for (const numbers of [[4], [0], ['1'], [{}], [null]])
    expect(await ask(world, { token, numbers })).toMatchObject([400, { code: 'invalid-argument' }]);
  const { parts, statuses } = await send(world, token, [3, 1]);
  expect(statuses).toEqual([200, 200]);
  expect(await ask(world, { token })).toEqual([200, { stored: [1, 3] }]);
  expect(await ask(world, { token, end: true })).toEqual([200, { ended: true }]);
  expect(await world.place.everything()).toEqual([]);
  expect(await world.journal.entries()).toEqual([]);
  expect(await ask(world, { token, end: true })).toEqual([200, { ended: false }]);
  expect(await ask(world, { token })).toMatchObject([409, { code: 'conflict' }]);
  for (const part of parts) expect(await put(world, part)).toBe(404);
});

test('a file costs three requests to the storage where the browser tells what it was answered for each part', async () => {
  await using world = await openWorld(onS3);
  await ask(world, { ...FILE, filename: 'other.bin' }); // what is asked once for all
  let token: unknown;
  let sent: readonly ClaimedPart[] = [];
  const begun = await countRequests(async () => {
    [, { token }] = await ask(world, FILE);
  });
  const receipts: string[] = [];
  const [, { parts }] = await ask(world, { token, numbers: [1, 2, 3] });
  sent = parts as readonly ClaimedPart[];
  for (const part of sent) {
    const { url, method, headers } = part.request;
    const body = BYTES.subarray(part.offset, part.offset + part.sizeBytes);
    const response = await world.place.fetch(new Request(url, { method, headers, body }));
    receipts.push(response.headers.get('etag') ?? '');
  }
  const told = receipts.map((receipt, index) => ({ number: index + 1, receipt }));
  const wrong = [{ number: 1, receipt: '"x"' }, ...told.slice(1)];
  expect(await ask(world, { token, parts: wrong })).toMatchObject([400, { code: 'integrity' }]);
  let row: Awaited<ReturnType<World['insert']>> | undefined;
  const ended = await countRequests(async () => {
    const [, answer] = await ask(world, { token, parts: told });
    row = await world.insert(1, await world.file.redeem(String(answer.token), { for: USER }));
  });
  expect([...begun, ...ended]).toHaveLength(3);
  expect(row && Buffer.from((await world.file.of(row).stored?.bytes()) ?? []).equals(BYTES)).toBe(true);
  for (const part of sent) expect(await put(world, part)).toBe(404);
});

test('what a row has is not given up by the token that it came by', async () => {
  await using world = await openWorld(onS3);
  const [, { token }] = await ask(world, FILE);
  await send(world, token, [1, 2, 3]);
  const row = await world.insert(1, await world.file.redeem(String(token), { for: USER }));
  expect(await ask(world, { token, end: true })).toEqual([200, { ended: false }]);
  expect(Buffer.from((await world.file.of(row).stored?.bytes()) ?? []).equals(BYTES)).toBe(true);
});

test('of files that are not larger than one part, and on storages that sign none, one request is claimed', async () => {
  for (const [place, sizeBytes] of [
    [onS3, PART],
    [places.disk ?? onS3, BYTES.byteLength],
  ] as const) {
    await using world = await openWorld(place);
    expect(await ask(world, { ...FILE, sizeBytes })).toMatchObject([200, { upload: { method: 'PUT' } }]);
  }
});
