import { expect, test } from 'vitest';
import { chart } from './chart.ts';
import type { Measurement } from './measurement.ts';
import { medians } from './medians.ts';
import { heading, line, tables } from './report.ts';

const measurement: Measurement = {
  size: '10mb',
  ownership: 'weak',
  pattern: 'hold',
  loop: 'sync',
  flags: 'size',
  iterations: 100,
  memoryStartMB: 60.1,
  memoryEndMB: 70,
  memoryDiffMB: 9.9,
  collectedDiffMB: 0.45,
  peakRssMB: 250.4,
  liveOwners: 0,
};
const strong: Measurement = {
  ...measurement,
  ownership: 'strong',
  iterations: 20,
  peakRssMB: 1010,
  liveOwners: 20,
};
const small: Measurement = { ...measurement, size: '1kb', peakRssMB: 0.2 };

test("prints the original's line", () => {
  expect(line(measurement, 100)).toBe(
    '10mb, memory_start=60.10MB, memory_end=70.00MB, memory_diff=9.90MB, after a turn and a GC 0.45MB',
  );
});

test('says when a configuration fetched fewer rows', () => {
  expect(line(strong, 100)).toMatch(/GC 0\.45MB \(20 rows: 100 would not fit in memory\)$/);
});

test('closes with tables of live owners and peak RSS, a column for each size', () => {
  expect(tables([small, measurement, strong], 100)).toBe(
    `Rows still in memory after a turn of the event loop and a GC
                                    1kb     10mb
weak, handles held, sync loop         0        0
strong, handles held, sync loop               20*

Peak RSS over start, MB
                                    1kb     10mb
weak, handles held, sync loop         0      250
strong, handles held, sync loop             1010*

RSS over start after the last row, MB
                                    1kb     10mb
weak, handles held, sync loop        10       10
strong, handles held, sync loop               10*

RSS over start after a turn of the event loop and a GC, MB
                                    1kb     10mb
weak, handles held, sync loop         0        0
strong, handles held, sync loop                0*

* 20 rows instead of 100: more would not fit in memory.
`,
  );
});

test('a bare loop has no handles, and flags that are not the usual ones are told', () => {
  expect(heading({ ...measurement, ownership: 'bare', flags: 'default' })).toBe(
    "bare loop, sync, V8's defaults",
  );
});

test('prints the medians of the rounds, beside the bare loop of their kind', () => {
  const rounds = (ownership: string, flags: string, ...peaks: number[]): Measurement[] =>
    peaks.map(peakRssMB => ({
      ...measurement,
      ownership,
      flags,
      peakRssMB,
      liveOwners: peakRssMB === 90 ? 1 : 0,
    }));
  expect(
    medians([
      ...rounds('bare', 'size', 60, 70, 50),
      ...rounds('weak', 'size', 90, 300, 80),
      ...rounds('weak', 'default', 200),
    ]),
  ).toBe(`--optimize-for-size, 10mb × 100  peak, MB over start  × bare  last row  turn and GC  rows left
bare loop, sync                           60 (50–70)    1.00       9.9          0.5          0
weak, handles held, sync loop            90 (80–300)    1.50       9.9          0.5          1

V8's defaults, 10mb × 100      peak, MB over start  × bare  last row  turn and GC  rows left
weak, handles held, sync loop        200 (200–200)               9.9          0.5          0
`);
});

test('draws every configuration once, live rows within their peak', () => {
  const svg = chart([small, measurement, strong], 100);
  expect(svg.match(/<g class="(weak|strong)">/g)).toHaveLength(3);
  expect(svg).toContain('strong, handles held, sync loop, 10mb: peak 1010.0 MB, 20 of 20 rows live');
  expect(svg).toContain('>1010*<');
  expect(svg).toContain('* fewer rows than 100');
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
});
