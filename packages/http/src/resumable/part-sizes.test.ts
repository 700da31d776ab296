import { describe, expect, test } from 'vitest';
import { partSizes, requirePossible } from './part-sizes.ts';

const MiB = 1024 ** 2;
const S3 = { minPartBytes: 5 * MiB, maxPartBytes: 5 * 1024 ** 3, maxParts: 10_000 };
const DISK = { minPartBytes: 1, maxPartBytes: Number.MAX_SAFE_INTEGER, maxParts: Number.MAX_SAFE_INTEGER };

describe('parts of an upload', () => {
  test('are streamed where they may be small, and begun with 64 KiB', () => {
    const sizes = partSizes(DISK, { sizeBytes: 1024 ** 4, offset: 0, nextPart: 1 });
    expect(sizes).toEqual({ leastBytes: 64 * 1024, mostBytes: 64 * MiB, isStreamed: true });
  });

  test('are gathered where they may not', () => {
    const sizes = partSizes(S3, { sizeBytes: 100 * MiB, offset: 0, nextPart: 1 });
    expect(sizes).toEqual({ leastBytes: 5 * MiB, mostBytes: 5 * MiB, isStreamed: false });
  });

  test.each([
    ['of a large file', 300 * 1024 ** 3, 0, 1],
    ['after many cuts', 40 * 1024 ** 3, 10 * 1024 ** 3, 9000],
    ['of a length that nobody knows', null, 500 * 1024 ** 2, 9980],
    ['when hardly a number is left', 9 * 1024 ** 3 + 60 * MiB, 9 * 1024 ** 3, 9999],
  ])('are larger where numbers run short: %s', (_, sizeBytes, offset, nextPart) => {
    const { mostBytes, leastBytes } = partSizes(S3, { sizeBytes, offset, nextPart });
    const left = sizeBytes === null ? offset : sizeBytes - offset;
    expect(nextPart - 1 + Math.ceil(left / mostBytes)).toBeLessThanOrEqual(S3.maxParts);
    expect(mostBytes).toBeGreaterThan(5 * MiB);
    expect(leastBytes).toBe(mostBytes);
  });

  test('take so much memory and no more, whatever is announced', () => {
    for (const sizeBytes of [Number.MAX_SAFE_INTEGER, 5 * 1024 ** 4])
      expect(partSizes(S3, { sizeBytes, offset: 0, nextPart: 1 }).mostBytes).toBe(64 * MiB);
    expect(() => requirePossible(S3, 10_000 * 64 * MiB)).not.toThrow();
    expect(() => requirePossible(S3, 10_000 * 64 * MiB + 1)).toThrow(/at most/);
    expect(() => requirePossible(DISK, Number.MAX_SAFE_INTEGER)).not.toThrow();
  });

  test('are never larger than may be', () => {
    const small = { minPartBytes: 1, maxPartBytes: 1000, maxParts: 10 };
    const sizes = partSizes(small, { sizeBytes: 100_000, offset: 0, nextPart: 1 });
    expect(sizes).toEqual({ leastBytes: 1000, mostBytes: 1000, isStreamed: false });
  });
});
