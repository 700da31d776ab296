import assert from 'node:assert/strict';
import { patternBytes, patternStream } from '../content/pattern.ts';
import { Skip } from '../contract/behaviour.ts';
import { rejectsWith } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

/** S1 where the service keeps nobody from overwriting: nothing is created, and the rest works. */
export const withoutCreating: readonly StorageBehaviour[] = [
  {
    id: 'S1.no-create',
    title: 'refuses to create what could overwrite, stores nothing, and does the rest',
    async run(context) {
      const { storage, settings } = context;
      if (settings.lacks.create === undefined) throw new Skip('creates without a risk');
      await storage.replace('a.bin', patternBytes(1, 1000));
      await Promise.all(
        Array.from({ length: settings.concurrency }, (_, seed) =>
          rejectsWith(
            'unsupported',
            storage.save(
              seed % 2 ? 'a.bin' : 'b.bin',
              seed % 3 ? patternBytes(seed, 1000) : patternStream(seed, 1000),
            ),
          ),
        ),
      );
      await rejectsWith('unsupported', storage.save('c.bin', patternStream(2, settings.largeBytes)));
      await rejectsWith('unsupported', storage.copy('a.bin', 'b.bin'));
      await rejectsWith('unsupported', storage.move('a.bin', 'b.bin'));
      await context.holds(['a.bin']);
      assert.deepEqual(await context.read('a.bin'), patternBytes(1, 1000));
      await storage.delete('a.bin');
      await context.holds([]);
    },
  },
];
