import { createHash } from 'node:crypto';
import type { FieldOptions } from '@fieldfile/core';
import { claimParts, completeParts, partRequests } from '@fieldfile/core/resumable';
import { expect, test } from 'vitest';
import { countRequests } from './count-requests.ts';
import { onS3, type Place, places } from './places.ts';
import { s3Behind } from './s3-behind.ts';
import { openWorld, type Scan, type World } from './world.ts';

// What a claim costs the application: requests to the storage, from the claim to the row.

const PNG: Buffer<ArrayBuffer> = Buffer.concat([
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
    'base64',
  ),
  Buffer.alloc(200_000, 7),
]);
const HTML: Buffer<ArrayBuffer> = Buffer.from('<html>'.padEnd(PNG.byteLength));
const FOR = { for: 'user 7' };
const PICTURE = { filename: 'me.png', sizeBytes: PNG.byteLength, contentType: 'image/png', ...FOR };
const DIGEST = { algorithm: 'sha256', base64: createHash('sha256').update(PNG).digest('base64') } as const;

type Options = Omit<FieldOptions<Scan>, 'storage' | 'uploadTo'>;

const accept = ['image/png'];
const columns = { digest: 'digest' } as const;
const inspect = async (content: AsyncIterable<Uint8Array>): Promise<undefined> => {
  for await (const _ of content);
};
/** The first byte alone. */
const computed: NonNullable<Options['computed']> = {
  columns: { first: 'size' },
  async compute(content) {
    for await (const [first = null] of content) return { first };
    return {};
  },
};

const SERVERS: Readonly<Record<string, () => Promise<Place>>> = {
  ...places,
  'S3 with checksums': () => onS3({ checksums: 'when-supported' }),
};

/** By what the field looks at, and whether a digest is claimed. */
const COSTS: readonly (readonly [
  what: string,
  options: Options,
  claims: 'digest' | 'no digest',
  costs: Readonly<Record<'S3' | 'S3 with checksums' | 'Google Cloud Storage' | 'Azure', number>>,
])[] = [
  ['nothing', {}, 'no digest', costs(2, 2, 2, 3)],
  ['accept', { accept }, 'no digest', costs(2, 2, 2, 4)],
  ['a digest column', { columns }, 'no digest', costs(2, 2, 2, 4)],
  ['accept, a digest column', { accept, columns }, 'no digest', costs(2, 2, 2, 4)],
  ['accept, an inspector', { accept, inspect }, 'no digest', costs(2, 2, 2, 4)],
  ['accept, computed columns', { accept, computed }, 'no digest', costs(2, 2, 2, 4)],
  ['everything', { accept, inspect, computed, columns }, 'no digest', costs(2, 2, 2, 4)],
  ['nothing', {}, 'digest', costs(3, 2, 3, 4)],
  ['accept', { accept }, 'digest', costs(3, 3, 3, 4)],
  ['accept, a digest column', { accept, columns }, 'digest', costs(3, 3, 3, 4)],
  ['accept, computed columns', { accept, computed }, 'digest', costs(2, 2, 2, 4)],
  ['everything', { accept, inspect, computed, columns }, 'digest', costs(2, 2, 2, 4)],
];

function costs(s3: number, checksums: number, gcs: number, azure: number): (typeof COSTS)[number][3] {
  return { S3: s3, 'S3 with checksums': checksums, 'Google Cloud Storage': gcs, Azure: azure };
}

/** A world on a place that stays. */
const openOn = (place: Place, options: Options): Promise<World> =>
  openWorld(async () => ({ ...place, [Symbol.asyncDispose]: async () => {} }), options);

test.each(Object.keys(SERVERS))('a claim costs few requests on %s', async where => {
  const makePlace = SERVERS[where] as () => Promise<Place>;
  await using place = await makePlace();
  const found: Record<string, number> = {};
  for (const [id, [what, options, claims]] of COSTS.entries()) {
    await using world = await openOn(place, options);
    await world.file.claim({ ...PICTURE, filename: 'other.png' }); // what is asked once for all
    const requests = await countRequests(async () => {
      const digest = claims === 'digest' ? { digest: DIGEST } : {};
      const claim = await world.file.claim({ ...PICTURE, filename: `${id}.png`, ...digest });
      await world.upload(claim, PNG);
      const row = await world.insert(1, await world.file.redeem(claim.token, FOR));
      if (options.columns || claims === 'digest')
        expect(row.digest ?? `sha256-${DIGEST.base64}`).toBe(`sha256-${DIGEST.base64}`);
      if (options.computed) expect(row.size).toBe(PNG[0]);
    });
    found[`${what}; ${claims}`] = requests.length;
  }
  const served = where === 'memory' || where === 'disk';
  const expected = COSTS.map(([what, , claims, all]) => [
    `${what}; ${claims}`,
    served ? 0 : all[where as keyof typeof all],
  ]);
  expect(found).toEqual(Object.fromEntries(expected));
});

test.each(['S3', 'Google Cloud Storage', 'Azure'])('an empty file costs no reading on %s', async where => {
  await using world = await openWorld(places[where] as () => Promise<Place>, { accept: ['text/plain'] });
  const claiming = { filename: 'a.txt', sizeBytes: 0, ...FOR };
  await world.file.claim({ ...claiming, filename: 'other.txt' }); // what is asked once for all
  const requests = await countRequests(async () => {
    const claim = await world.file.claim(claiming);
    await world.upload(claim, '');
    await world.insert(1, await world.file.redeem(claim.token, FOR));
  });
  expect(requests).toHaveLength(where === 'Azure' ? 3 : 2);
});

test('of what a client sent in parts the first bytes are read, and nothing is asked for', async () => {
  const costs = [];
  for (const options of [{}, { accept }, { accept, columns }, { accept, inspect, computed, columns }]) {
    await using world = await openWorld(() => onS3(), options);
    const upload = async (id: number): Promise<void> => {
      const { token } = await claimParts(world.file, { ...PICTURE, filename: `${id}.png` });
      const [one] = await partRequests(world.file, token, { ...FOR, numbers: [1] });
      const response = await fetch(one?.request.url ?? '', { method: 'PUT', body: PNG });
      const parts = [{ number: 1, receipt: response.headers.get('etag') ?? '' }];
      const completed = await completeParts(world.file, token, { ...FOR, parts });
      await world.insert(id, await world.file.redeem(completed.token, FOR));
    };
    await upload(1); // what is asked once for all
    costs.push((await countRequests(() => upload(2))).length);
  }
  expect(costs).toEqual([3, 4, 4, 4]);
});

test.each([
  ['a reset in the middle of it', { kind: 'reset-download', afterBytes: 2000 }],
  ['a service that is busy', { kind: 'status', status: 503, code: 'SlowDown' }],
] as const)('what is read goes on after %s, with the same version', async (_, fault) => {
  const place = await s3Behind({ retry: { baseDelayMs: 1 } });
  await using world = await openWorld(async () => place, { accept, columns });
  const claim = await world.file.claim(PICTURE);
  await world.upload(claim, PNG);
  place.proxy.once(({ method }) => method === 'GET', fault);
  const row = await world.insert(1, await world.file.redeem(claim.token, FOR));
  expect(place.proxy.struck).toBe(1);
  expect(row.digest).toBe(`sha256-${DIGEST.base64}`);
});

test('what cannot be read is not refused, and can be redeemed later', async () => {
  const place = await s3Behind({ retry: { attempts: 1 } });
  await using world = await openWorld(async () => place, { accept, columns });
  const claim = await world.file.claim(PICTURE);
  await world.upload(claim, PNG);
  for (const afterBytes of [0, 2000, PNG.byteLength - 1]) {
    place.proxy.plan = ({ method }) =>
      method === 'GET' ? { kind: 'reset-download', afterBytes } : undefined;
    await expect(world.file.redeem(claim.token, FOR)).rejects.toMatchObject({ retryable: true });
  }
  place.proxy.heal();
  const row = await world.insert(1, await world.file.redeem(claim.token, FOR));
  expect(row.digest).toBe(`sha256-${DIGEST.base64}`);
});

test.each(Object.entries(places))(
  'who redeems too early, or another object, is told so on %s',
  async (_, makePlace) => {
    await using world = await openWorld(makePlace, { accept, columns });
    const claim = await world.file.claim(PICTURE);
    await expect(world.file.redeem(claim.token, FOR)).rejects.toMatchObject({
      code: 'not-found',
      retryable: true,
    });
    const other = await world.file.claim({ ...PICTURE, filename: 'other.png' });
    await world.place.storage.replace(await onlyName(world, 'other.png'), PNG);
    await expect(world.file.redeem(other.token, FOR)).rejects.toMatchObject({ code: 'not-found' });
    const refused = await world.file.claim({ ...PICTURE, filename: 'html.png' });
    await world.upload(refused, HTML);
    await expect(world.file.redeem(refused.token, FOR)).rejects.toMatchObject({ code: 'not-accepted' });
    await expect(world.file.redeem(refused.token, FOR)).rejects.toMatchObject({ code: 'intent-lost' });
    await world.upload(claim, PNG);
    const row = await world.insert(1, await world.file.redeem(claim.token, FOR));
    expect(await world.file.of(row).stored?.bytes()).toEqual(new Uint8Array(PNG));
  },
);

async function onlyName({ journal }: World, ending: string): Promise<string> {
  const names = (await journal.entries()).flatMap(({ name }) => (name?.endsWith(ending) ? [name] : []));
  return names[0] ?? 'none';
}
