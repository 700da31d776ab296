import { expect, test } from 'vitest';
import { readUploadRange } from './content-range.ts';

const bytes = (first: number, last?: number, total?: number, untilEnd = last === undefined) => ({
  kind: 'bytes',
  first,
  last,
  total,
  untilEnd,
});

test.each([
  [undefined, bytes(0)],
  ['bytes 0-9/10', bytes(0, 9, 10)],
  ['bytes 5-9/*', bytes(5, 9)],
  ['bytes 5-*/10', bytes(5, undefined, 10)],
  ['bytes 5-*/*', bytes(5)],
  ['bytes 0--1/0', bytes(0, -1, 0)],
  ['bytes */10', { kind: 'status', total: 10 }],
  ['bytes */*', { kind: 'status', total: undefined }],
])('%s', (header, expected) => {
  expect(readUploadRange(header)).toEqual(expected);
});

test.each([
  '',
  'bytes',
  '0-9/10',
  'bytes 0-9',
  'bytes 9-0/10',
  'bytes 0-10/10',
  'bytes *-9/10',
  'bytes a-b/c',
])('%j is refused', header => {
  expect(() => readUploadRange(header)).toThrow('Content-Range');
});
