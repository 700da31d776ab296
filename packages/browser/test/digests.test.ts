import { createHash } from 'node:crypto';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { choose, lettersOf, uploadOn } from './browser.ts';
import { type Bucket, PART_BYTES, partNumberOf, startBucket } from './bucket.ts';
import { openWorld } from './open-world.ts';
import { writeRandomFile } from './random-file.ts';
import type { World } from './world.ts';

// Parts that carry a CRC32 each, straight to a bucket that checks it.

const PARTS = 5;
const BYTES = (PARTS - 1) * PART_BYTES + 7;
const LETTERS = Buffer.from(lettersOf(BYTES), 'latin1');
const IN_PARTS = { bytes: BYTES, options: { claim: '/claims', attempts: 6, resumes: false } };

const base64 = (bytes: Buffer): string => {
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(bytes));
  return crc.toString('base64');
};

/** Of each part that a page has sent, its number and the digest that it says. */
let sent: [number, string | undefined][] = [];

/** A part that a page sends. */
function watched(bucket: Bucket): void {
  sent = [];
  bucket.gate.damages = () => false;
  bucket.gate.instead = request => {
    const number = partNumberOf(request);
    const digest = request.headers['x-amz-checksum-crc32'];
    if (number > 0) sent.push([number, digest?.toString()]);
    return false;
  };
}

const asked = ({ requests }: World): number => requests.filter(request => request === 'POST /claims').length;

const newest = async ({ storage }: World): Promise<string> => {
  const names = await Array.fromAsync(storage.list('', { details: true }));
  const [last] = names.sort((one, other) => Number(other.lastModified) - Number(one.lastModified));
  return String(last?.name);
};

describe('where the bucket takes checksums', () => {
  let bucket: Bucket;
  let world: World;
  let page: Page;
  openWorld(
    opened => {
      ({ world, page } = opened);
    },
    async () => {
      bucket = await startBucket();
      return bucket;
    },
  );
  beforeEach(() => watched(bucket));

  test('each part has its own, and the object that of the file', async () => {
    const { result } = await uploadOn(page, IN_PARTS);
    const { digest } = await world.storage.info(await newest(world));
    expect(digest).toEqual({ algorithm: 'crc32', base64: base64(LETTERS) });
    const expected = Array.from({ length: PARTS }, (_, index) => [
      index + 1,
      base64(LETTERS.subarray(index * PART_BYTES, (index + 1) * PART_BYTES)),
    ]);
    expect(sent.toSorted()).toEqual(expected);
    expect(await world.redeemedDigest(result?.token)).toBe(
      createHash('sha256').update(LETTERS).digest('hex'),
    );
  });

  test('a file of the disk is read in slices: questions come for 64 MiB at a time', async () => {
    const path = join(world.folder, 'film.mp4');
    const bytes = 13 * PART_BYTES + 3;
    const digest = await writeRandomFile(path, bytes);
    await choose(page, world.origin, path);
    world.requests.length = 0;
    const { result } = await uploadOn(page, { chosen: true, options: IN_PARTS.options });
    expect(asked(world)).toBe(4); // the claim, signatures of twelve parts and of two, and the file made of the parts
    expect(sent).toHaveLength(14);
    expect(await world.redeemedDigest(result?.token)).toBe(digest);
  });

  test('a part that is damaged on its way is not stored, and sent again', async () => {
    const damaged = new Set<number>();
    bucket.gate.damages = request => {
      const number = partNumberOf(request);
      const isNew = (number === 2 || number === PARTS) && !damaged.has(number);
      if (isNew) damaged.add(number);
      return isNew;
    };
    const { result } = await uploadOn(page, IN_PARTS);
    expect(damaged).toEqual(new Set([2, PARTS]));
    expect(sent.map(([number]) => number).toSorted()).toEqual([1, 2, 2, 3, 4, 5, 5]);
    expect(await world.redeemedDigest(result?.token)).toBe(
      createHash('sha256').update(LETTERS).digest('hex'),
    );
  });

  test('a file that was changed since it was chosen is given up before anything of it is sent', async () => {
    const before = await bucket.everything();
    const path = join(world.folder, 'changing.mp4');
    await writeRandomFile(path, PART_BYTES + 3);
    await choose(page, world.origin, path);
    utimesSync(path, 1, 1); // a browser looks at the whole second alone
    const { error } = await uploadOn(page, { chosen: true, options: IN_PARTS.options });
    expect(error).toMatchObject({ code: 'file-changed' });
    expect(sent).toEqual([]);
    await expect.poll(() => bucket.everything()).toEqual(before);
  });

  test('one that is damaged each time ends the upload', async () => {
    bucket.gate.damages = request => partNumberOf(request) === 3;
    const { error } = await uploadOn(page, IN_PARTS);
    expect(error).toMatchObject({ code: 'refused', status: 400 });
    expect(sent.filter(([number]) => number === 3)).toHaveLength(3);
  });
});

describe('where the bucket is told of no checksums', () => {
  let bucket: Bucket;
  let world: World;
  let page: Page;
  openWorld(
    opened => {
      ({ world, page } = opened);
    },
    async () => {
      bucket = await startBucket({ checksums: 'when-required' });
      return bucket;
    },
  );
  beforeEach(() => watched(bucket));

  test('parts go without', async () => {
    const { result } = await uploadOn(page, IN_PARTS);
    expect(sent.toSorted()).toEqual(Array.from({ length: PARTS }, (_, index) => [index + 1, undefined]));
    expect(asked(world)).toBe(3);
    expect(await world.redeemedDigest(result?.token)).toBe(
      createHash('sha256').update(LETTERS).digest('hex'),
    );
  });
});
