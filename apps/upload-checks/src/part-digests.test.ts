import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { UploadClaim } from '@fieldfile/core';
import {
  type ClaimedPart,
  claimParts,
  completeParts,
  type PartsClaim,
  signParts,
} from '@fieldfile/core/resumable';
import { claims } from '@fieldfile/http/claims';
import { uppy } from '@fieldfile/http/uppy';
import { expect, test } from 'vitest';
import { countRequests } from './count-requests.ts';
import { s3Behind } from './s3-behind.ts';
import { openWorld, type World } from './world.ts';

// Claims whose parts have a CRC32 each, which the client has computed.

const PART = 5 * 1024 * 1024;
const BYTES: Buffer<ArrayBuffer> = Buffer.alloc(2 * PART + 1000, 'the file of a client, ');
const OTHER: Buffer<ArrayBuffer> = Buffer.alloc(BYTES.byteLength, 'something else');
const FOR = { for: 'user 7' };
const FILE = { filename: 'film.bin', sizeBytes: BYTES.byteLength, partBytes: PART, ...FOR };
const NUMBERS = [1, 2, 3];

const digestOf = (bytes: Uint8Array): string => {
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(bytes));
  return crc.toString('base64');
};
const partOf = (number: number, bytes = BYTES): Buffer<ArrayBuffer> =>
  bytes.subarray((number - 1) * PART, number * PART);
const DIGESTS = Object.fromEntries(NUMBERS.map(number => [number, digestOf(partOf(number))]));

const open = (options: Parameters<typeof openWorld>[1] = {}): Promise<World> =>
  openWorld(() => s3Behind({ checksums: 'when-supported' }), options);

const claimOf = (world: World): Promise<PartsClaim> =>
  claimParts(world.file, { ...FILE, partDigest: 'crc32' });

async function put(world: World, { request }: ClaimedPart, body: Buffer<ArrayBuffer>): Promise<Response> {
  const { url, method, headers } = request;
  const response = await world.place.fetch(new Request(url, { method, headers, body }));
  await response.arrayBuffer();
  return response;
}

const signed = (world: World, { token }: PartsClaim): Promise<readonly ClaimedPart[]> =>
  signParts(world.file, token, { ...FOR, numbers: NUMBERS, digests: DIGESTS });

/** @returns what the client tells of its parts. */
const sent = async (world: World, claim: PartsClaim) =>
  Promise.all(
    (await signed(world, claim)).map(async part => {
      const { headers } = await put(world, part, partOf(part.number));
      return { number: part.number, receipt: `${headers.get('etag')} ${DIGESTS[part.number]}` };
    }),
  );

test('a URL stores the bytes of its digest alone, from the first moment on, and the object has the CRC32 of the file', async () => {
  await using world = await open();
  const claim = await claimOf(world);
  expect(claim).toMatchObject({ partBytes: PART, partCount: 3, partDigest: 'crc32' });
  for (const part of await signed(world, claim)) {
    const { number } = part;
    const replay = (): Promise<Response> => put(world, part, partOf(number, OTHER));
    expect((await replay()).status).toBe(400);
    expect((await put(world, part, partOf(number))).status).toBe(200);
    expect((await replay()).status).toBe(400); // what is stored stays
  }
  const row = await world.insert(1, await world.file.redeem(claim.token, FOR));
  expect(Buffer.from((await world.file.of(row).stored?.bytes()) ?? []).equals(BYTES)).toBe(true);
  expect((await world.place.storage.info(row.file ?? '')).digest).toEqual({
    ...{ algorithm: 'crc32', base64: digestOf(BYTES) },
  });
});

test('a CRC32 of the whole file that was claimed costs no read of the file', async () => {
  await using world = await open();
  const upload = async (id: number, filename: string): Promise<void> => {
    const digest = { algorithm: 'crc32', base64: digestOf(BYTES) } as const;
    const claim = await claimParts(world.file, { ...FILE, filename, digest, partDigest: 'crc32' });
    const parts = await sent(world, claim);
    const { token } = await completeParts(world.file, claim.token, { ...FOR, parts });
    await world.insert(id, await world.file.redeem(token, FOR));
  };
  await upload(1, 'other.bin'); // what is asked once for all
  const requests = await countRequests(() => upload(2, 'film.bin'));
  // Each is counted at the proxy and behind it.
  const own = new Set(requests.filter(request => !request.includes('X-Amz-Signature')));
  expect([...own].map(request => request.split(' ')[0])).toEqual(['PUT', 'POST', 'POST']);
  const wrong = { algorithm: 'crc32', base64: digestOf(OTHER) } as const;
  const claim = await claimParts(world.file, { ...FILE, digest: wrong, partDigest: 'crc32' });
  await sent(world, claim);
  await expect(world.file.redeem(claim.token, FOR)).rejects.toMatchObject({ code: 'integrity' });
  expect(await world.place.everything()).toHaveLength(2);
});

test('redeem makes the file of the parts that a client tells of, and of no others', async () => {
  await using world = await open();
  const claim = await claimOf(world);
  const parts = await sent(world, claim);
  const [one = { number: 1, receipt: '' }, ...others] = parts;
  const wrong = { ...one, receipt: `${one.receipt.split(' ')[0]} AAAAAA==` };
  await expect(world.file.redeem(claim.token, { ...FOR, parts: [wrong, ...others] })).rejects.toMatchObject({
    code: 'integrity',
  });
  await world.insert(1, await world.file.redeem(claim.token, { ...FOR, parts }));
});

test.each<[string, unknown]>([
  ['none', undefined],
  ['null', null],
  ['a text', 'AAAAAA=='],
  ['of another part', { 2: 'AAAAAA==' }],
  ['too short', { 1: 'AAAA' }],
  ['with what is no base64', { 1: 'AAAA\r\n==' }],
  ['a number', { 1: 7 }],
  ['of another prototype', JSON.parse('{"__proto__":{"1":"AAAAAA=="}}')],
])('digests that are %s sign nothing', async (_, digests) => {
  await using world = await open();
  const { token } = await claimOf(world);
  const options = { ...FOR, numbers: [1], digests: digests as Record<number, string> };
  await expect(signParts(world.file, token, options)).rejects.toMatchObject({ code: 'invalid-argument' });
});

test('nobody needs them where nobody asked, or the storage is told of no checksums', async () => {
  await using world = await open();
  const plain = await claimParts(world.file, FILE);
  expect(plain.partDigest).toBeUndefined();
  const [part] = await signParts(world.file, plain.token, { ...FOR, numbers: [1] });
  expect(part?.request.headers).toEqual({});
  await expect(
    signParts(world.file, plain.token, { ...FOR, numbers: [1], digests: DIGESTS }),
  ).rejects.toMatchObject({ code: 'invalid-argument' });
  await using without = await openWorld(() => s3Behind({ checksums: 'when-required' }));
  const claim = await claimOf(without);
  expect(claim.partDigest).toBeUndefined();
  expect(await signParts(without.file, claim.token, { ...FOR, numbers: [1] })).toHaveLength(1);
});

test('a claim of one request says nothing of it, and one of a digest that there is not is refused', async () => {
  await using world = await open();
  const { partBytes: _, ...file } = FILE;
  const claim: UploadClaim = await world.file.claim({ ...file, partDigest: 'crc32' });
  expect(Object.keys(claim).sort()).toEqual(['token', 'upload']);
  await expect(world.file.claim({ ...file, partDigest: 'sha256' as 'crc32' })).rejects.toMatchObject({
    code: 'invalid-argument',
  });
});

test('the handler of claims gives them to who can send them, and Uppy sends none', async () => {
  await using world = await open();
  const options = { field: world.file, authorize: () => true, user: () => FOR.for };
  const handler = claims({ ...options, partsAboveBytes: PART, partBytes: PART });
  const ask = async (question: object): Promise<Record<string, unknown>> => {
    const body = JSON.stringify(question);
    return (await handler(new Request('http://localhost/claims', { method: 'POST', body }))).json();
  };
  const file = { filename: 'film.bin', sizeBytes: BYTES.byteLength };
  expect(await ask(file)).not.toHaveProperty('partDigest');
  expect(await ask({ ...file, partDigest: 'of tomorrow' })).not.toHaveProperty('partDigest');
  const claim = await ask({ ...file, partDigest: 'crc32' });
  expect(claim).toMatchObject({ partDigest: 'crc32' });
  const { token } = claim;
  expect(await ask({ token, numbers: [1] })).toMatchObject({ code: 'invalid-argument' });
  expect(await ask({ token, numbers: [1], digests: 7 })).toMatchObject({ code: 'invalid-argument' });
  const { parts } = await ask({ token, numbers: [1], digests: DIGESTS });
  const [part] = parts as readonly ClaimedPart[];
  expect(part?.request.headers).toEqual({ 'x-amz-checksum-crc32': DIGESTS[1] });
  const routes = uppy({ ...options, baseUrl: '/uppy/' });
  const begun = await routes(
    new Request('http://localhost/uppy/s3/multipart', {
      method: 'POST',
      body: JSON.stringify({ filename: 'film.bin', type: '', metadata: { sizeBytes: BYTES.byteLength } }),
    }),
  );
  const { uploadId } = (await begun.json()) as { readonly uploadId: string };
  const one = await routes(new Request(`http://localhost/uppy/s3/multipart/${uploadId}/1`));
  expect(await one.json()).toMatchObject({ url: expect.stringMatching(/^http/) });
});

test('a file with columns is read once for its SHA-256, whatever its parts have', async () => {
  await using world = await open({ columns: { size: 'size', digest: 'digest' } });
  const claim = await claimOf(world);
  await sent(world, claim);
  const row = await world.insert(1, await world.file.redeem(claim.token, FOR));
  const digest = createHash('sha256').update(BYTES).digest('base64');
  expect(row).toMatchObject({ size: BYTES.byteLength, digest: `sha256-${digest}` });
});
