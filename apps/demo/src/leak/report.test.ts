import { expect, test } from 'vitest';
import { chart } from './chart.ts';
import type { Measurement } from './measurement.ts';
import { line, tables } from './report.ts';

const measurement: Measurement = {
  size: '10mb',
  ownership: 'weak',
  pattern: 'hold',
  loop: 'sync',
  iterations: 100,
  memoryStartMB: 60.1,
  memoryEndMB: 70,
  memoryDiffMB: 9.9,
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
  expect(line(measurement, 100)).toBe('10mb, memory_start=60.10MB, memory_end=70.00MB, memory_diff=9.90MB');
});

test('says when a configuration fetched fewer rows', () => {
  expect(line(strong, 100)).toMatch(/memory_diff=9\.90MB \(20 rows: 100 would not fit in memory\)$/);
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

* 20 rows instead of 100: more would not fit in memory.
`,
  );
});

test('draws every configuration once, live rows within their peak', () => {
  const svg = chart([small, measurement, strong], 100);
  expect(svg.match(/<g class="(weak|strong)">/g)).toHaveLength(3);
  expect(svg).toContain('strong, handles held, sync loop, 10mb: peak 1010.0 MB, 20 of 20 rows live');
  expect(svg).toContain('>1010*<');
  expect(svg).toContain('* fewer rows than 100');
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
});
