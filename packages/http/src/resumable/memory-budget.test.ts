import { expect, test } from 'vitest';
import { MemoryBudget, type TakenMemory } from './memory-budget.ts';

const never = new AbortController().signal;
const WEEK_MS = 7 * 24 * 3600 * 1000;

/** Asks, and writes down who got something. */
function asking(budget: MemoryBudget, got: string[]) {
  return (who: string, bytes: number, signal = never): Promise<TakenMemory | undefined> =>
    budget.take(bytes, signal).then(taken => {
      got.push(taken ? who : `${who} gave up`);
      return taken;
    });
}

const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

test('gives what there is, and the rest in the order of asking once it is given back', async () => {
  const got: string[] = [];
  const ask = asking(new MemoryBudget({ allBytes: 10, slowMs: WEEK_MS }), got);
  const [one, two] = await Promise.all([ask('one', 5), ask('two', 5)]);
  const three = ask('three', 5);
  const four = ask('four', 1);
  await settled();
  expect(got).toEqual(['one', 'two']);
  two?.[Symbol.dispose]();
  two?.[Symbol.dispose]();
  expect((await three)?.bytes.byteLength).toBe(5);
  await settled();
  expect(got).toEqual(['one', 'two', 'three']);
  one?.[Symbol.dispose]();
  expect((await four)?.bytes.byteLength).toBe(1);
});

test('gives more than there is to who is alone', async () => {
  const got: string[] = [];
  const ask = asking(new MemoryBudget({ allBytes: 10, slowMs: WEEK_MS }), got);
  const one = await ask('one', 1);
  const large = ask('large', 100);
  const after = ask('after', 1);
  await settled();
  expect(got).toEqual(['one']);
  one?.[Symbol.dispose]();
  const taken = await large;
  await settled();
  expect(got).toEqual(['one', 'large']);
  taken?.[Symbol.dispose]();
  await after;
  expect(got).toEqual(['one', 'large', 'after']);
});

test('lets go of who does not wait any more', async () => {
  const got: string[] = [];
  const ask = asking(new MemoryBudget({ allBytes: 10, slowMs: WEEK_MS }), got);
  await ask('one', 6);
  const stop = new AbortController();
  const large = ask('large', 10, stop.signal);
  const small = ask('small', 4);
  await settled();
  expect(got).toEqual(['one']);
  stop.abort();
  expect(await large).toBeUndefined();
  await small;
  expect(got).toEqual(['one', 'large gave up', 'small']);
  expect(await ask('late', 1, stop.signal)).toBeUndefined();
});

test('does not count who waits for a slow client', async () => {
  const ask = asking(new MemoryBudget({ allBytes: 10, slowMs: 1 }), []);
  const one = await ask('one', 10);
  const sent = Promise.withResolvers<string>();
  const waiting = one?.waitFor(sent.promise);
  const two = await ask('two', 10); // one holds all of it
  expect(two?.bytes.byteLength).toBe(10);
  sent.resolve('chunk');
  expect(await waiting).toBe('chunk');
  one?.[Symbol.dispose]();
  const three = ask('three', 10);
  two?.[Symbol.dispose]();
  expect((await three)?.bytes.byteLength).toBe(10);
});

test('does not count a slow client that sends a byte now and then', async () => {
  const got: string[] = [];
  const ask = asking(new MemoryBudget({ allBytes: 10, slowMs: 100 }), got);
  const one = await ask('one', 10);
  const two = ask('two', 10);
  while (!got.includes('two')) await one?.waitFor(settled());
  expect((await two)?.bytes.byteLength).toBe(10);
});

test('counts who has waited for a slow client, and does not any more', async () => {
  const got: string[] = [];
  const ask = asking(new MemoryBudget({ allBytes: 10, slowMs: 1 }), got);
  const one = await ask('one', 10);
  const started = performance.now();
  while (performance.now() - started < 20) await one?.waitFor(settled());
  const two = ask('two', 10);
  for (let turns = 0; turns < 100; turns++) await settled();
  expect(got).toEqual(['one']);
  one?.[Symbol.dispose]();
  expect((await two)?.bytes.byteLength).toBe(10);
});

test('what cannot be had is told to who asked, and not to who gives memory back', async () => {
  const got: string[] = [];
  const ask = asking(new MemoryBudget({ allBytes: 10, slowMs: WEEK_MS }), got);
  const one = await ask('one', 10);
  const impossible = expect(ask('impossible', Number.MAX_SAFE_INTEGER)).rejects.toThrow(RangeError);
  const two = ask('two', 10);
  one?.[Symbol.dispose]();
  await impossible;
  expect((await two)?.bytes.byteLength).toBe(10);
});

test('keeps no more for later than all may take', async () => {
  const ask = asking(new MemoryBudget({ allBytes: 10, slowMs: WEEK_MS }), []);
  const large = await ask('large', 100);
  large?.[Symbol.dispose]();
  expect(large?.bytes.byteLength).toBe(0);
  const small = await ask('small', 10);
  small?.[Symbol.dispose]();
  expect(small?.bytes.byteLength).toBe(10);
  expect((await ask('next', 10))?.bytes).toBe(small?.bytes);
});
