import { expect, test } from 'vitest';
import { type Comparison, FIELDFILE, withRivals } from './comparison.ts';
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
    worsts: { wallMs: 900 },
    timesBaseline: { wallMs: 1 },
  });
  expect(ours).toMatchObject({
    medians: { wallMs: 300 },
    bests: { wallMs: 150 },
    timesBaseline: { wallMs: 1.5 },
  });
});

test('of several baselines, the best in each figure counts', () => {
  const comparison: Comparison = {
    title: 'upload',
    ways: { quick: way, frugal: way, [FIELDFILE]: way },
    baselines: ['quick', 'frugal'],
    bars: [
      { figure: 'wallMs', timesBaseline: 1.05 },
      { figure: 'cpuMs', timesBaseline: 1.05 },
    ],
  };
  const rounds = new Map([
    ['quick', [{ wallMs: 100, cpuMs: 200 }]],
    ['frugal', [{ wallMs: 300, cpuMs: 50 }]],
    [FIELDFILE, [{ wallMs: 104, cpuMs: 60 }]],
  ]);
  const [quick, frugal, ours] = summarize(comparison, rounds);
  expect(quick?.timesBaseline).toEqual({ wallMs: 1, cpuMs: 4 });
  expect(frugal?.timesBaseline).toEqual({ wallMs: 3, cpuMs: 1 });
  expect(ours?.timesBaseline).toEqual({ wallMs: 1.04, cpuMs: 1.2 });
  expect(ours?.bars.map(bar => bar.met)).toEqual([true, false]);
});

test('rivals are measured and held against, and are no baseline', () => {
  const comparison = withRivals({
    title: 'upload',
    ways: { bare: way, [FIELDFILE]: way },
    rivals: { quick: way, frugal: way },
    bars: [
      { figure: 'wallMs', timesBaseline: 1.05 },
      { figure: 'cpuMs', timesBaseline: 1.05 },
      { figure: 'peakRssMiB', atMost: 80 },
    ],
  });
  expect(Object.keys(comparison.ways)).toEqual(['bare', FIELDFILE, 'quick', 'frugal']);
  const rounds = new Map([
    ['bare', [{ wallMs: 100, cpuMs: 100, peakRssMiB: 1 }]],
    [FIELDFILE, [{ wallMs: 100, cpuMs: 100, peakRssMiB: 1 }]],
    ['quick', [{ wallMs: 99, cpuMs: 200, peakRssMiB: 1 }]],
    ['frugal', [{ wallMs: 300, cpuMs: 101, peakRssMiB: 1 }]],
  ]);
  const ours = summarize(comparison, rounds)[1];
  expect(ours?.timesBaseline).toEqual({ wallMs: 1, cpuMs: 1, peakRssMiB: 1 });
  expect(ours?.bars).toEqual([
    { figure: 'wallMs', timesBaseline: 1.05, met: true },
    { figure: 'cpuMs', timesBaseline: 1.05, met: true },
    { figure: 'peakRssMiB', atMost: 80, met: true },
    { figure: 'wallMs', aheadOf: ['quick', 'frugal'], met: false },
    { figure: 'cpuMs', aheadOf: ['quick', 'frugal'], met: true },
  ]);
});

test('a comparison without rivals stays as it is', () => {
  const comparison: Comparison = { title: 'list', ways: { bare: way, [FIELDFILE]: way } };
  expect(withRivals(comparison)).toBe(comparison);
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
