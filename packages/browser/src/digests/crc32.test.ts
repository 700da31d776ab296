import { crc32 as zlib } from 'node:zlib';
import { expect, test } from 'vitest';
import { crc32 } from './crc32.ts';

const SLICE_BYTES = 2 * 1024 * 1024;
const BYTES = Buffer.alloc(SLICE_BYTES + 6, 'what a part has, ');
const { signal } = new AbortController();

test.each([0, 1, 2, 3, 4, 5, 7, 8, 255, SLICE_BYTES - 1, SLICE_BYTES, SLICE_BYTES + 1, SLICE_BYTES + 6])(
  'of %i bytes it is the one that zlib computes',
  async length => {
    const bytes = BYTES.subarray(0, length);
    const expected = Buffer.alloc(4);
    expected.writeUInt32BE(zlib(bytes));
    expect(await crc32(new Blob([bytes]), signal)).toBe(expected.toString('base64'));
  },
);
