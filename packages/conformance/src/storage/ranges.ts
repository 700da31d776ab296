import assert from 'node:assert/strict';
import type { ByteRange } from '@fieldfile/storage';
import { patternBytes } from '../content/pattern.ts';
import { recordCalls } from '../faults/record-calls.ts';
import { rejectsWith, sameBytes } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

const SIZE = 200_000;

const RANGES: readonly (readonly [id: string, what: string, range: ByteRange])[] = [
  ['first', 'the first byte', { start: 0, endExclusive: 1 }],
  ['last', 'the last byte', { start: SIZE - 1, endExclusive: SIZE }],
  ['middle', 'bytes in the middle', { start: 65_535, endExclusive: 131_073 }],
  ['open', 'everything from a byte on', { start: SIZE - 70_000 }],
  ['whole', 'everything', { start: 0, endExclusive: SIZE }],
  [
    'past-end',
    'what there is when a range ends beyond the end',
    { start: SIZE - 10, endExclusive: SIZE + 10 },
  ],
  ['at-end', 'nothing from the end on', { start: SIZE }],
  ['beyond-end', 'nothing beyond the end', { start: SIZE + 10, endExclusive: SIZE + 20 }],
  ['empty', 'nothing in an empty range', { start: 5, endExclusive: 5 }],
];

/** S5: a range is read exactly. */
export const ranges: readonly StorageBehaviour[] = [
  ...RANGES.map(
    ([id, what, range]): StorageBehaviour => ({
      id: `S5.range-${id}`,
      title: `reads ${what}`,
      async run(context) {
        const bytes = patternBytes(1, SIZE);
        await context.storage.save('a.bin', bytes);
        await using opened = await context.storage.open('a.bin', range);
        sameBytes(await opened.bytes(), bytes.subarray(range.start, range.endExclusive));
        assert.equal(opened.info.sizeBytes, SIZE, 'info is not about the whole object');
      },
    }),
  ),
  {
    id: 'S5.range-empty-object',
    title: 'reads nothing of an empty object, by any range',
    async run(context) {
      await context.storage.save('a.bin', '');
      for (const range of [
        { start: 0 },
        { start: 0, endExclusive: 0 },
        { start: 0, endExclusive: 10 },
        { start: 10 },
      ]) {
        await using opened = await context.storage.open('a.bin', range);
        assert.equal((await opened.bytes()).byteLength, 0);
      }
    },
  },
  {
    id: 'S5.range-invalid',
    title: 'refuses a range that is negative, reversed or not whole, without calling the service',
    async run(context) {
      await context.storage.save('a.bin', 'content');
      const { backend, calls } = recordCalls(context.backend);
      const storage = context.around(backend);
      for (const range of [
        { start: -1 },
        { start: 2, endExclusive: 1 },
        { start: 0.5 },
        { start: 0, endExclusive: Number.NaN },
      ])
        await rejectsWith(
          'invalid-argument',
          storage.open('a.bin', range),
          `opening ${JSON.stringify(range)}`,
        );
      assert.deepEqual(calls, []);
    },
  },
];
