import { load } from '@fieldfile/test-servers/load';
import { expect, test } from 'vitest';
import { type Configuration, type Loop, type Ownership, type Pattern, parseSize } from './configuration.ts';
import type { Measurement } from './measurement.ts';
import { measureAll } from './run.ts';

// The promise, with rows of the size of the original's trouble: 10 MB, and 100 of them where there is time.

const size = parseSize('10mb') ?? expect.fail();
const ROW_MB = 10;
const ROWS = load({ test: 60, ci: 100, deep: 100 });

test.each<Loop>(['sync', 'microtask', 'macrotask'])(
  'held handles keep no row of a %s loop; strong ones keep all',
  async loop => {
    const [weak, strong] = await measure(['weak', 'hold', loop], ['strong', 'hold', loop]);
    expect(weak?.liveOwners).toBe(0);
    expect(strong?.liveOwners).toBe(ROWS);
  },
);

test.each<Loop>(['sync', 'microtask'])(
  'a %s loop over weak handles needs no more memory than one that drops strong ones, dropped or held',
  { timeout: 180_000, retry: 2 }, // the reference run is V8's timing, too
  async loop => {
    const [strong, naive] = await measure(['strong', 'drop', loop], ['naive', 'drop', loop]);
    const bound = (strong?.peakRssMB ?? 0) + 64 + 6 * ROW_MB;
    expect(await leastPeak(['weak', 'drop', loop], bound)).toBeLessThanOrEqual(bound);
    expect(await leastPeak(['weak', 'hold', loop], bound)).toBeLessThanOrEqual(bound);
    expect(naive?.peakRssMB).toBeGreaterThan(0.9 * ROWS * ROW_MB); // all of them, whatever V8's timing did to the others
  },
);

type Combination = readonly [Ownership, Pattern, Loop];

function measure(...combinations: Combination[]): Promise<Measurement[]> {
  return Array.fromAsync(
    measureAll(
      combinations.map(
        ([ownership, pattern, loop]): Configuration => ({ size, ownership, pattern, loop, iterations: ROWS }),
      ),
    ),
  );
}

/** Of up to three runs: the timing of V8's marking threads can only add to a peak, and what is kept is in all of them. */
async function leastPeak(combination: Combination, enough: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3 && least > enough; run++)
    for (const { peakRssMB } of await measure(combination)) least = Math.min(least, peakRssMB);
  return least;
}
