import { expect, test } from 'vitest';
import { retryAfterSeconds } from './retry-after.ts';

const NOW = Date.parse('2026-11-23T04:00:00Z');

test.each([
  ['0', 0],
  ['120', 120],
  ['Mon, 23 Nov 2026 04:00:30 GMT', 30],
  ['Mon, 23 Nov 2026 03:00:00 GMT', 0],
  ['Monday, 23-Nov-26 04:01:00 GMT', 60],
  ['', undefined],
  [null, undefined],
  [undefined, undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['1e3', undefined],
  ['soon', undefined],
  ['Mon, 99 Nov', undefined],
  ['9'.repeat(400), undefined],
])('%j asks for %s seconds', (header, seconds) => {
  expect(retryAfterSeconds(header, NOW)).toBe(seconds);
});
