import fc from 'fast-check';
import { expect, test } from 'vitest';
import { longestKey } from './longest-key.ts';

test('is as long as it may be, in segments no longer than they may be and none much shorter', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 5000 }),
      fc.integer({ min: 50, max: 300 }),
      (bytes, segmentBytes) => {
        const key = longestKey(bytes, segmentBytes);
        const lengths = key.split('/').map(({ length }) => length);
        expect(key.length).toBe(bytes);
        expect(Math.max(...lengths)).toBeLessThanOrEqual(segmentBytes);
        expect(Math.min(...lengths)).toBeGreaterThanOrEqual(Math.min(bytes, segmentBytes) / 2 - 1);
      },
    ),
  );
});
