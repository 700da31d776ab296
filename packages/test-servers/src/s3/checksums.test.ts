import { createHash } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { expectRefused, noise, oneShot, S3Fixture } from '../../test/s3-fixture.ts';
import { checksumOfParts, runningChecksum } from './checksums.ts';

const s3 = await S3Fixture.start();
afterAll(() => s3[Symbol.asyncDispose]());

const ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;

const digest = (algorithm: string, content: string): string =>
  createHash(algorithm).update(content).digest('base64');

test.each(ALGORITHMS)('verifies %s of a buffer and gives it back', async ChecksumAlgorithm => {
  const name = `Checksum${ChecksumAlgorithm}` as const;
  const put = await s3.put('buffer', 'checksum me', { ChecksumAlgorithm });
  expect(put[name]).toBeDefined();
  const head = await s3.head('buffer', { ChecksumMode: 'ENABLED' });
  expect(head).toMatchObject({ [name]: put[name], ChecksumType: 'FULL_OBJECT' });
  // The SDK compares what it downloads with it.
  expect(await s3.text('buffer', { ChecksumMode: 'ENABLED' })).toBe('checksum me');
});

test.each(ALGORITHMS)('verifies %s in the trailer of a stream', async ChecksumAlgorithm => {
  const bytes = noise(200_000);
  const name = `Checksum${ChecksumAlgorithm}` as const;
  await s3.put('trailer', oneShot(bytes), { ContentLength: bytes.length, ChecksumAlgorithm });
  const running = runningChecksum(ChecksumAlgorithm);
  running.update(bytes);
  const head = await s3.head('trailer', { ChecksumMode: 'ENABLED' });
  expect(head[name]).toBe(running.digest().toString('base64'));
});

test('refuses a wrong SHA-256', async () => {
  const upload = s3.put('wrong', 'abc', { ChecksumSHA256: digest('sha256', 'xyz') });
  await expectRefused(upload, 400, 'BadDigest');
  await expectRefused(s3.head('wrong'), 404);
});

test('refuses a wrong CRC32', async () => {
  await expectRefused(s3.put('wrong', 'abc', { ChecksumCRC32: 'AAAAAA==' }), 400, 'BadDigest');
});

test('refuses what is no checksum at all', async () => {
  await expectRefused(s3.put('wrong', 'abc', { ChecksumCRC32: 'AAAA' }), 400, 'InvalidRequest');
});

test('refuses a wrong Content-MD5', async () => {
  const upload = s3.put('wrong', 'abc', { ContentMD5: digest('md5', 'xyz') });
  await expectRefused(upload, 400, 'BadDigest');
});

test('accepts the right Content-MD5', async () => {
  await s3.put('right', 'abc', { ContentMD5: digest('md5', 'abc') });
  expect(await s3.text('right')).toBe('abc');
});

// The check values of the catalogue of parametrised CRC algorithms, over the nine digits.
test.each([
  ['CRC32', 'cbf43926'],
  ['CRC32C', 'e3069283'],
  ['CRC64NVME', 'ae8b14860a799888'],
] as const)('%s has its catalogued check value', (algorithm, value) => {
  const running = runningChecksum(algorithm);
  running.update(Buffer.from('123456789'));
  expect(running.digest().toString('hex')).toBe(value);
});

test.each(['CRC32', 'CRC32C', 'CRC64NVME'] as const)('%s of parts is that of the whole', algorithm => {
  const bytes = noise(10_007);
  const checksum = (piece: Buffer): Buffer => {
    const running = runningChecksum(algorithm);
    running.update(piece);
    return running.digest();
  };
  const pieces = [bytes.subarray(0, 4096), bytes.subarray(4096, 8192), bytes.subarray(8192)];
  const parts = pieces.map(piece => ({ checksum: checksum(piece), size: piece.length }));
  expect(checksumOfParts(algorithm, 'FULL_OBJECT', parts).value).toBe(checksum(bytes).toString('base64'));
});
