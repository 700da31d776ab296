import { randomBytes, randomInt } from 'node:crypto';
import { runningDigest } from '@fieldfile/storage/backend';
import { expect, test } from 'vitest';
import { checksumAs, partChecksum } from './part-checksum.ts';

/** Of bytes that come in pieces of any length. */
function checksumOf(bytes: Uint8Array, checksum = partChecksum()): string {
  for (let at = 0; at < bytes.byteLength; ) {
    const next = at + 1 + randomInt(100_000);
    checksum.update(bytes.subarray(at, next));
    at = next;
  }
  return checksum.base64();
}

test('is the same however the bytes come', () => {
  const bytes = randomBytes(1_000_000);
  const checksum = checksumOf(bytes);
  for (let times = 0; times < 10; times++) expect(checksumOf(bytes)).toBe(checksum);
  expect(checksumOf(bytes, checksumAs(checksum))).toBe(checksum);
});

test('is another for bytes that were lost, or are others', () => {
  // None is 0 or 1: every change below is one.
  const bytes = randomBytes(100_000).map(byte => byte | 2);
  const found = new Set([
    checksumOf(bytes),
    checksumOf(new Uint8Array(100_000)),
    checksumOf(new Uint8Array()),
  ]);
  for (const at of [1, 4096, 99_999]) {
    const other = Uint8Array.from(bytes);
    other[at] = (other[at] ?? 0) ^ 1;
    found.add(checksumOf(other));
    found.add(checksumOf(bytes.subarray(0, at)));
    found.add(checksumOf(Uint8Array.from(bytes).fill(0, at)));
  }
  expect(found.size).toBe(12);
});

test('is held against a CRC32 where that was kept', () => {
  const crc32 = runningDigest('crc32');
  crc32.update(Buffer.from('Hello, world'));
  expect(checksumOf(Buffer.from('Hello, world'), checksumAs(crc32.base64()))).toBe(crc32.base64());
});
