import type { ClientPart } from '@fieldfile/core';
import { claimParts, completeParts, partRequests } from '@fieldfile/core/resumable';
import { expect, test } from 'vitest';
import { s3Behind } from './s3-behind.ts';
import { openWorld, type World } from './world.ts';

// Claims in parts on buckets that are not as the others.

const FOR = { for: 'user 7' };
const BYTES = Buffer.from('the file of a client');
const FILE = { filename: 'film.bin', sizeBytes: BYTES.byteLength, ...FOR };

/** Sends the only part. @returns what a client has of it. */
async function send(world: World, token: string): Promise<readonly ClientPart[]> {
  const [one] = await partRequests(world.file, token, { ...FOR, numbers: [1] });
  const response = await fetch(one?.request.url ?? '', { method: 'PUT', body: BYTES });
  return [{ number: 1, receipt: response.headers.get('etag') ?? '' }];
}

test('a bucket that is busy with the upload ends no claim', async () => {
  const place = await s3Behind();
  await using world = await openWorld(async () => place);
  const { token } = await claimParts(world.file, FILE);
  const parts = await send(world, token);
  place.proxy.plan = ({ method, query }) =>
    method === 'POST' && query.has('uploadId')
      ? { kind: 'status', status: 409, code: 'ConditionalRequestConflict' }
      : undefined;
  for (const ask of [
    () => completeParts(world.file, token, { ...FOR, parts }),
    () => world.file.redeem(token, { ...FOR, parts }),
    () => world.file.redeem(token, FOR),
  ])
    await expect(ask()).rejects.toMatchObject({ retryable: true });
  place.proxy.heal();
  const row = await world.insert(1, await world.file.redeem(token, { ...FOR, parts }));
  expect(await world.file.of(row).stored?.text()).toBe(BYTES.toString());
});

test('a completion whose answer was lost is found', async () => {
  const place = await s3Behind();
  await using world = await openWorld(async () => place);
  const { token } = await claimParts(world.file, FILE);
  const parts = await send(world, token);
  place.proxy.once(({ method, query }) => method === 'POST' && query.has('uploadId'), {
    kind: 'lost-answer',
  });
  const completed = await completeParts(world.file, token, { ...FOR, parts });
  expect(place.proxy.struck).toBe(1);
  await world.insert(1, await world.file.redeem(completed.token, FOR));
  expect(await place.everything()).toEqual(['scans/film.bin']);
});

test.each(['told', 'listed', 'made'])(
  'what the storage says of every object is no fault of one that is %s',
  async how => {
    const place = await s3Behind({ objectParameters: { ContentEncoding: 'identity' } });
    await using world = await openWorld(async () => place);
    const { token } = await claimParts(world.file, FILE);
    const parts = await send(world, token);
    const made = how === 'made' ? await completeParts(world.file, token, { ...FOR, parts }) : { token };
    const redeemed = await world.file.redeem(made.token, { ...FOR, ...(how === 'told' ? { parts } : {}) });
    const row = await world.insert(1, redeemed);
    const { contentEncoding } = await place.storage.info(row.file ?? '');
    expect(contentEncoding).toBe('identity');
  },
);
