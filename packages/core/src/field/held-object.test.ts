import { expect, test } from 'vitest';
import { HeldObject, isHeld, whenFree } from './held-object.ts';

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

/** Notes what it did. */
function removal() {
  const log: string[] = [];
  return { log, run: async () => void log.push('removed') };
}

test('a removal waits until the last who means to copy the object lets go of it', async () => {
  const holders = [new HeldObject('memory:a', 'x.txt'), new HeldObject('memory:a', 'x.txt')];
  const { log, run } = removal();
  await whenFree('memory:a', 'x.txt', run);
  await holders[0]?.release();
  expect(log).toEqual([]);
  await holders[1]?.release();
  await holders[1]?.release();
  expect(log).toEqual(['removed']);
  expect(isHeld('memory:a', 'x.txt')).toBe(false);
});

test('an object of that name on another storage is another one', async () => {
  const holder = new HeldObject('memory:b', 'x.txt');
  const { log, run } = removal();
  await whenFree('memory:c', 'x.txt', run);
  expect(log).toEqual(['removed']);
  await holder.release();
});

test('the removal stays ours while it waits, and is not made once it is somebody else’s', async () => {
  const holder = new HeldObject('memory:d', 'x.txt');
  const { log, run } = removal();
  let asked = 0;
  const left = new Promise<void>(resolve => {
    const stillOurs = async (): Promise<boolean> => {
      asked++;
      if (asked === 3) resolve();
      return asked < 3;
    };
    void whenFree('memory:d', 'x.txt', run, { everyMs: 1, stillOurs });
  });
  await left;
  await turn();
  await holder.release();
  expect({ log, asked }).toEqual({ log: [], asked: 3 });
});

test('nobody waits for who is gone', async () => {
  const { log, run } = removal();
  (() => new HeldObject('memory:e', 'x.txt'))();
  await whenFree('memory:e', 'x.txt', run, { everyMs: 1 });
  expect(log).toEqual([]);
  while (log.length === 0) {
    await turn(); // asking keeps it until then
    globalThis.gc?.();
  }
});
