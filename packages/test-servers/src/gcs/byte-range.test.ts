import { expect, test } from 'vitest';
import { readByteRange } from './byte-range.ts';

test.each([
  ['bytes=0-0', 10, { start: 0, end: 1 }],
  ['bytes=2-4', 10, { start: 2, end: 5 }],
  ['bytes=7-', 10, { start: 7, end: 10 }],
  ['bytes=8-100', 10, { start: 8, end: 10 }],
  ['bytes=-3', 10, { start: 7, end: 10 }],
  ['bytes=-100', 10, { start: 0, end: 10 }],
  ['bytes=10-', 10, 'unsatisfiable'],
  ['bytes=-0', 10, 'unsatisfiable'],
  ['bytes=0-', 0, 'unsatisfiable'],
  ['bytes=-1', 0, 'unsatisfiable'],
  // What is malformed or has several ranges is ignored: RFC 9110, section 14.2.
  ['bytes=4-2', 10, undefined],
  ['bytes=-', 10, undefined],
  ['bytes=0-1,3-4', 10, undefined],
  ['lines=0-1', 10, undefined],
  [undefined, 10, undefined],
])('%s of %i bytes', (header, size, expected) => {
  expect(readByteRange(header, size)).toEqual(expected);
});
