import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FieldFileError } from '../errors/field-file-error.ts';
import { Attempts, retryDelayMs, withRetries } from './retries.ts';

const throttled = new FieldFileError('throttled', 'Slow down.', { operation: 'info', retryable: true });

test.each([
  [1, {}, 100],
  [2, {}, 200],
  [3, {}, 400],
  [6, {}, 3200],
  [7, {}, 5000],
  [2000, {}, 5000],
  [1, { baseDelayMs: 10 }, 10],
  [4, { baseDelayMs: 10, maxDelayMs: 50 }, 50],
  [3, { baseDelayMs: 0 }, 0],
])('before attempt %i + 1 with %o the wait is up to %i ms', (attempt, options, longest) => {
  expect(retryDelayMs(attempt, options, 0, () => 0)).toBe(0);
  expect(retryDelayMs(attempt, options, 0, () => 0.5)).toBe(longest / 2);
  expect(retryDelayMs(attempt, options, 0, () => 1)).toBe(longest);
});

test.each([
  [1, {}, 2, 2000, 2100],
  [3, {}, 2, 2000, 2400],
  [1, { maxDelayMs: 300 }, 2, 300, 400],
  [9, { maxDelayMs: 300 }, 2, 300, 600],
  [1, { maxDelayMs: 0 }, 2, 0, 0],
])(
  'attempt %i with %o, where the service asks for %i s: the wait is %i to %i ms',
  (attempt, options, asked, shortest, longest) => {
    expect(retryDelayMs(attempt, options, asked, () => 0)).toBe(shortest);
    expect(retryDelayMs(attempt, options, asked, () => 1)).toBe(longest);
  },
);

test('what the service asks for is waited, and the error at the end still says it', async () => {
  const busy = new FieldFileError('throttled', 'Slow down.', { retryable: true, retryAfterSeconds: 3 });
  const waits: number[] = [];
  const attempts = new Attempts({ attempts: 3, baseDelayMs: 0 }, undefined, async delayMs => {
    waits.push(delayMs);
  });
  await attempts.orThrow(busy);
  await attempts.orThrow(throttled);
  await expect(attempts.orThrow(busy)).rejects.toMatchObject({ retryAfterSeconds: 3 });
  expect(waits).toEqual([3000, 0]);
});

test('attempts are counted anew once something was gained', async () => {
  const attempts = new Attempts({ attempts: 2, baseDelayMs: 0 }, undefined, async () => {});
  for (let times = 0; times < 10; times++) {
    await attempts.orThrow(throttled);
    attempts.progressed();
  }
  await attempts.orThrow(throttled);
  await expect(attempts.orThrow(throttled)).rejects.toBe(throttled);
});

test('no wait is negative or beyond the maximum, and none is shorter at most than the one before', () => {
  const whole = fc.integer({ min: 0, max: 100_000 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), whole, whole, (attempt, baseDelayMs, maxDelayMs) => {
      const delay = (one: number, random?: () => number): number =>
        retryDelayMs(one, { baseDelayMs, maxDelayMs }, 0, random);
      expect(delay(attempt)).toBeGreaterThanOrEqual(0);
      expect(delay(attempt)).toBeLessThanOrEqual(maxDelayMs);
      expect(delay(attempt + 1, () => 1)).toBeGreaterThanOrEqual(delay(attempt, () => 1));
    }),
  );
});

test.each([1, 2, 4])('makes %i calls in all, then gives the last error', async attempts => {
  let calls = 0;
  const call = async (): Promise<never> => {
    calls += 1;
    throw throttled;
  };
  await expect(withRetries(call, { attempts, baseDelayMs: 0 }, undefined)).rejects.toBe(throttled);
  expect(calls).toBe(attempts);
});

test('stops at the first success', async () => {
  let calls = 0;
  const call = async (): Promise<number> => {
    calls += 1;
    if (calls < 3) throw throttled;
    return calls;
  };
  expect(await withRetries(call, { baseDelayMs: 0 }, undefined)).toBe(3);
});

test('what is not retryable is thrown at once', async () => {
  for (const error of [new Error('raw'), new FieldFileError('permission', 'No.'), undefined, null]) {
    const attempts = new Attempts({ baseDelayMs: 3_600_000 }, undefined);
    await expect(attempts.orThrow(error)).rejects.toBe(error);
  }
});

test('an aborted signal ends the waiting, and there is no waiting after it', async () => {
  const controller = new AbortController();
  const attempts = new Attempts({ baseDelayMs: 3_600_000 }, controller.signal);
  const waiting = attempts.orThrow(throttled);
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'aborted', operation: 'info' });
  await expect(attempts.orThrow(throttled)).rejects.toBe(throttled);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});
