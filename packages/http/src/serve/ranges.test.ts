import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRanges, satisfiable } from './ranges.ts';

const INFINITE = Number.POSITIVE_INFINITY;

describe('a Range header', () => {
  test.each<[string, unknown]>([
    ['bytes=0-9', [{ first: 0, last: 9 }]],
    ['BYTES=0-9', [{ first: 0, last: 9 }]],
    ['bytes=5-', [{ first: 5, last: INFINITE }]],
    ['bytes=-5', [{ suffix: 5 }]],
    ['bytes=-0', [{ suffix: 0 }]],
    ['bytes= 0-9 ,\t-5', [{ first: 0, last: 9 }, { suffix: 5 }]],
    ['bytes=,0-9,,', [{ first: 0, last: 9 }]],
    ['bytes=99999999999999999998-99999999999999999999', [{ first: 1e20, last: 1e20 }]],
  ])('%j', (header, specs) => expect(parseRanges(header)).toEqual(specs));

  test.each([
    'bytes=9-0',
    'bytes=99999999999999999999-99999999999999999998',
    'bytes=',
    'bytes=,',
    'bytes=-',
    'bytes=a-b',
    'bytes=0-9;',
    'bytes=0 - 9',
    'bytes=+1-2',
    'bytes=1.5-2',
    'bytes =0-9',
    'items=0-9',
    'bytes=0-9, bytes=20-29',
    '0-9',
    '',
  ])('%j is ignored', header => expect(parseRanges(header)).toBeUndefined());
});

const spec = fc.oneof(
  fc
    .record({ first: fc.nat(40), length: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(INFINITE)) })
    .map(({ first, length }) => ({ first, last: first + length - 1 })),
  fc.record({ suffix: fc.nat(40) }),
);

describe('what there is of ranges', () => {
  test('is exactly the bytes that were asked for and exist, each once', () => {
    fc.assert(
      fc.property(fc.array(spec, { minLength: 1 }), fc.nat(30), (specs, size) => {
        const asked = new Set<number>();
        for (const one of specs)
          for (let byte = 0; byte < size; byte++)
            if ('suffix' in one ? byte >= size - one.suffix : byte >= one.first && byte <= one.last)
              asked.add(byte);
        const given = satisfiable(specs, size).flatMap(({ first, last }) =>
          Array.from({ length: last - first + 1 }, (_, index) => first + index),
        );
        expect(given.toSorted((a, b) => a - b)).toEqual([...asked].toSorted((a, b) => a - b));
      }),
    );
  });

  test('comes in the order of the request', () => {
    expect(satisfiable(parseRanges('bytes=20-29,0-9,-1') ?? [], 100)).toEqual([
      { first: 20, last: 29 },
      { first: 0, last: 9 },
      { first: 99, last: 99 },
    ]);
    expect(satisfiable(parseRanges('bytes=50-59,0-9,55-69,10-12') ?? [], 100)).toEqual([
      { first: 50, last: 69 },
      { first: 0, last: 12 },
    ]);
  });
});
