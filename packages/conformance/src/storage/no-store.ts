import assert from 'node:assert/strict';
import type { Storage } from '@fieldfile/storage';
import { patternStream } from '../content/pattern.ts';
import { rejectsWith } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

const CALLS: Readonly<Record<string, (storage: Storage) => Promise<unknown>>> = {
  save: storage => storage.save('new.txt', 'new'),
  'save-stream': storage => storage.save('new.bin', patternStream(1, 20 * 1024 * 1024)),
  replace: storage => storage.replace('old.txt', 'new'),
  open: storage => storage.open('old.txt'),
  'open-range': storage => storage.open('old.txt', { start: 1, endExclusive: 2 }),
  info: storage => storage.info('old.txt'),
  exists: storage => storage.exists('old.txt'),
  delete: storage => storage.delete('old.txt'),
  'delete-many': async storage => {
    const failed = await storage.deleteMany(['old.txt']);
    for (const error of failed.values()) throw error;
  },
  copy: storage => storage.copy('old.txt', 'new.txt'),
  list: storage => Array.fromAsync(storage.list()),
  listdir: storage => storage.listdir(),
};

/** S10: an answer of success counts only where a store gave it. */
export const noStore: readonly StorageBehaviour[] = Object.entries(CALLS).map(
  ([operation, call]): StorageBehaviour => ({
    id: `S10.no-store-${operation}`,
    title: `takes the 200 of what is no store for no success (${operation})`,
    async run(context) {
      const astray = await context.offered('astray')();
      await context.storage.save('old.txt', 'old');
      const error = await context.soon(
        rejectsWith('backend', () => call(astray), operation),
        operation,
      );
      assert.equal(error.retryable, false);
      assert.equal(error.storage, astray.id);
      assert.equal(await context.text('old.txt'), 'old');
      await context.holds(['old.txt']);
    },
  }),
);
