import assert from 'node:assert/strict';
import type { Storage } from '@fieldfile/storage';
import { patternStream } from '../content/pattern.ts';
import { before, refused, throttled } from '../faults/fault.ts';
import type { Operation } from '../faults/intercept.ts';
import { recordCalls } from '../faults/record-calls.ts';
import { withFaults } from '../faults/with-faults.ts';
import { rejectsWith } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

/** Calls that are safe to repeat, and the backend's operation behind each. */
const REPEATABLE: Readonly<Partial<Record<Operation, (storage: Storage) => Promise<unknown>>>> = {
  create: storage => storage.save('new.txt', 'new'),
  replace: storage => storage.replace('old.txt', 'new'),
  async read(storage) {
    await using opened = await storage.open('old.txt');
    assert.equal(await opened.text(), 'old');
  },
  info: storage => storage.info('old.txt'),
  remove: storage => storage.delete('old.txt'),
};

/** S11: what is safe to repeat is repeated, what is not is not. */
export const retries: readonly StorageBehaviour[] = [
  ...Object.entries(REPEATABLE).map(
    ([operation, call]): StorageBehaviour => ({
      id: `S11.throttled-${operation}`,
      title: `tries again when it was throttled twice (${operation})`,
      async run(context) {
        await context.storage.save('old.txt', 'old');
        await call(context.faulty([{ on: operation as Operation, nth: [1, 2], fault: before(throttled) }]));
      },
    }),
  ),
  ...Object.entries(REPEATABLE).map(
    ([operation, call]): StorageBehaviour => ({
      id: `S11.refused-${operation}`,
      title: `does not try again what was refused (${operation})`,
      async run(context) {
        await context.storage.save('old.txt', 'old');
        const recording = recordCalls(
          withFaults(context.backend, [{ on: operation as Operation, fault: before(refused) }]),
        );
        await rejectsWith('permission', call(context.around(recording.backend)));
        assert.equal(recording.calls.filter(made => made.operation === operation).length, 1);
      },
    }),
  ),
  {
    id: 'S11.attempts',
    title: 'gives up after as many attempts as it may make',
    async run(context) {
      await context.storage.save('old.txt', 'old');
      for (const attempts of [1, 3]) {
        const { backend, calls } = recordCalls(
          withFaults(context.backend, [{ on: 'info', fault: before(throttled) }]),
        );
        const storage = context.around(backend, { retry: { attempts, baseDelayMs: 0 } });
        await rejectsWith('throttled', storage.info('old.txt'));
        assert.equal(calls.length, attempts);
      }
    },
  },
  {
    id: 'S11.one-shot',
    title:
      'gives a throttled one-shot stream another chance as long as nothing was read, then stores it once',
    async run(context) {
      const storage = context.faulty([{ on: 'create', nth: [1, 2], fault: before(throttled) }]);
      assert.equal(await storage.save('a.bin', patternStream(1, 1000)), 'a.bin');
      await context.holds(['a.bin']);
    },
  },
];
