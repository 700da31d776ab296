import type { ClientPart } from '@fieldfile/core';
import {
  beginUpload,
  claimParts,
  claimWhole,
  completeParts,
  partRequests,
  signParts,
} from '@fieldfile/core/resumable';
import { uppy } from '@fieldfile/http/uppy';
import { expect, test } from 'vitest';
import { places } from './places.ts';
import { openWorld } from './world.ts';

// What an application hands on from a client as it came.

const PART = 5 * 1024 * 1024;
const FOR = { for: 'user 7' };
const FILE = { filename: 'film.bin', sizeBytes: PART + 1, partBytes: PART, ...FOR };
const onS3 = places.S3 as NonNullable<(typeof places)[string]>;

const NO_PARTS: readonly unknown[] = [
  'all',
  {},
  null,
  1,
  [null, null],
  [1, 2],
  [
    { number: 1, receipt: ['"a"'] },
    { number: 2, receipt: '"b"' },
  ],
  [
    { number: 1, receipt: { toString: 1 } },
    { number: 2, receipt: '"b"' },
  ],
  [{ number: 1 }, { number: 2 }],
  [
    { number: '1', receipt: '"a"' },
    { number: '2', receipt: '"b"' },
  ],
  [
    { number: 1.5, receipt: '"a"' },
    { number: 2, receipt: '"b"' },
  ],
  [
    { number: Number.NaN, receipt: '"a"' },
    { number: 2, receipt: '"b"' },
  ],
];

test('parts that are none are refused, and the claim goes on', async () => {
  await using world = await openWorld(onS3);
  for (const sizes of [FILE, { ...FILE, sizeBytes: undefined, partBytes: undefined }]) {
    const claim = JSON.parse(JSON.stringify(sizes));
    const { token } = await claimParts(world.file, claim);
    for (const given of NO_PARTS) {
      const parts = given as readonly ClientPart[];
      const told = JSON.stringify(given);
      await expect(completeParts(world.file, token, { ...FOR, parts }), told).rejects.toMatchObject({
        name: 'FieldFileError',
      });
      await expect(world.file.redeem(token, { ...FOR, parts }), told).rejects.toMatchObject({
        name: 'FieldFileError',
      });
    }
    expect(await partRequests(world.file, token, { ...FOR, numbers: [1] })).toHaveLength(1);
  }
});

test('numbers that are none are refused', async () => {
  await using world = await openWorld(onS3);
  const { token } = await claimParts(world.file, FILE);
  for (const numbers of ['12', {}, null, 1, [null], ['1'], [1.5], [{}]])
    await expect(
      signParts(world.file, token, { ...FOR, numbers: numbers as readonly number[] }),
      JSON.stringify(numbers),
    ).rejects.toMatchObject({ code: 'invalid-argument' });
});

test('a digest that no content can have is refused before a byte comes', async () => {
  await using world = await openWorld(onS3);
  for (const digest of [
    { algorithm: 'sha256', base64: 'AAAA' },
    { algorithm: 'md5', base64: 'A'.repeat(44) },
    { algorithm: 'crc32c', base64: 'A' },
    { algorithm: 'sha256', base64: 'A'.repeat(50_000) },
  ] as const) {
    await expect(
      claimParts(world.file, { ...FILE, digest }),
      JSON.stringify(digest).slice(0, 99),
    ).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    await expect(world.file.claim({ filename: 'a', sizeBytes: 5, digest, ...FOR })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
  }
  expect(await world.place.everything()).toEqual([]);
});

test('a type of a client that no header takes is refused before a byte comes', async () => {
  await using world = await openWorld(onS3);
  const { file } = world;
  const given = { filename: 'film.bin', keepSeconds: 60, ...FOR };
  const long = `text/${'x'.repeat(300)}`;
  for (const contentType of ['text/plain\r\nx: y', 'text/\u0000', 'tëxt/plain', long]) {
    const why = { code: 'invalid-argument' };
    await expect(claimParts(file, { ...FILE, contentType }), contentType).rejects.toMatchObject(why);
    await expect(beginUpload(file, { ...given, contentType }), contentType).rejects.toMatchObject(why);
  }
  await expect(claimWhole(file, { ...given, contentType: long })).rejects.toMatchObject({
    code: 'invalid-argument',
  });
  expect(await world.place.everything()).toEqual([]);
  expect(await world.journal.entries()).toEqual([]);
});

test('authorize may answer with a redirect, also where pages of other origins may ask', async () => {
  await using world = await openWorld(onS3);
  const handler = uppy({
    ...{ field: world.file, baseUrl: '/uploads/', user: () => 'user 7' },
    ...{
      origins: ['https://app.example.com'],
      authorize: () => Response.redirect('https://app.example.com/in'),
    },
  });
  const headers = { origin: 'https://app.example.com' };
  const response = await handler(new Request('http://localhost/uploads/s3/params?filename=a', { headers }));
  expect(response.status).toBe(302);
  expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
});
