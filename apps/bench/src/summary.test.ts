import { expect, test } from 'vitest';
import { type Comparison, FIELDFILE } from './comparison.ts';
import { median, summarize } from './summary.ts';

const way = async (): Promise<object> => ({});

test('the median of an even number is between the two in the middle', () => {
  expect(median([3])).toBe(3);
  expect(median([9, 1, 5])).toBe(5);
  expect(median([10, 1, 2, 4])).toBe(3);
});

test('ways are held against the first by their best rounds', () => {
  const comparison: Comparison = { title: 'save', ways: { bare: way, [FIELDFILE]: way } };
  const rounds = new Map([
    ['bare', [{ wallMs: 100 }, { wallMs: 900 }, { wallMs: 200 }]],
    [FIELDFILE, [{ wallMs: 400 }, { wallMs: 150 }, { wallMs: 300 }]],
  ]);
  const [bare, ours] = summarize(comparison, rounds);
  expect(bare).toMatchObject({
    medians: { wallMs: 200 },
    bests: { wallMs: 100 },
    timesBaseline: { wallMs: 1 },
  });
  expect(ours).toMatchObject({
    medians: { wallMs: 300 },
    bests: { wallMs: 150 },
    timesBaseline: { wallMs: 1.5 },
  });
});

test('bars are about FieldFile: ratios at best, amounts in the middle', () => {
  const comparison: Comparison = {
    title: 'save',
    ways: { bare: way, [FIELDFILE]: way },
    bars: [
      { figure: 'wallMs', timesBaseline: 1.1 },
      { figure: 'peakRssMiB', atMost: 80 },
    ],
  };
  const rounds = new Map([
    ['bare', [{ wallMs: 100, peakRssMiB: 90 }]],
    [
      FIELDFILE,
      [
        { wallMs: 105, peakRssMiB: 70 },
        { wallMs: 300, peakRssMiB: 81 },
        { wallMs: 200, peakRssMiB: 99 },
      ],
    ],
  ]);
  const [bare, ours] = summarize(comparison, rounds);
  expect(bare?.bars).toEqual([]);
  expect(ours?.bars.map(bar => bar.met)).toEqual([true, false]);
});
