import { expect, test } from 'vitest';
import { SharedSyncs } from './shared-syncs.ts';

/** An fsync that ends when told to. */
function gated() {
  const started: PromiseWithResolvers<void>[] = [];
  const sync = (): Promise<void> => {
    const gate = Promise.withResolvers<void>();
    started.push(gate);
    return gate.promise;
  };
  return { started, sync };
}

test('who comes while one is running waits for the next, which all of them share', async () => {
  const syncs = new SharedSyncs();
  const { started, sync } = gated();
  const first = syncs.sync('a', sync);
  const ended: string[] = [];
  const others = ['second', 'third'].map(name => syncs.sync('a', sync).then(() => ended.push(name)));
  expect(started.length).toBe(1);
  started[0]?.resolve();
  await first;
  await Promise.resolve();
  expect(started.length).toBe(2);
  expect(ended).toEqual([]);
  started[1]?.resolve();
  await Promise.all(others);
  expect(ended).toEqual(['second', 'third']);
  expect(started.length).toBe(2);
});

test('a failure is told to those who shared it, and to nobody after', async () => {
  const syncs = new SharedSyncs();
  const { started, sync } = gated();
  const first = syncs.sync('a', sync);
  const second = syncs.sync('a', sync);
  started[0]?.reject(new Error('disk'));
  await expect(first).rejects.toThrow('disk');
  await Promise.resolve();
  started[1]?.resolve();
  await second;
  const third = syncs.sync('a', sync);
  started[2]?.resolve();
  await third;
});

test('directories do not wait for one another', () => {
  const syncs = new SharedSyncs();
  const { started, sync } = gated();
  void syncs.sync('a', sync);
  void syncs.sync('b', sync);
  expect(started.length).toBe(2);
});
