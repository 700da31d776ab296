import assert from 'node:assert/strict';
import type { ReadOptions } from '@fieldfile/storage/backend';
import { patternBytes } from '../content/pattern.ts';
import { before, halfWay, refused, shortBody } from '../faults/fault.ts';
import { recordCalls } from '../faults/record-calls.ts';
import { withFaults } from '../faults/with-faults.ts';
import { rejectsWith, sameBytes } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

const SIZE = 200_000;

/** Every call but the first: nothing more is delivered, so that going on is of no use. */
const LATER = Array.from({ length: 20 }, (_, index) => index + 2);

/** S5: a broken read goes on where it broke, or fails; it is never silently short, and never of two versions. */
export const resume: readonly StorageBehaviour[] = [
  {
    id: 'S5.resume',
    title: 'goes on after a reset in mid-download, byte for byte, from the same version',
    async run(context) {
      const bytes = patternBytes(1, context.settings.largeBytes);
      await context.storage.save('a.bin', bytes);
      const { backend, calls } = recordCalls(context.backend);
      const broken = withFaults(backend, [
        { on: 'read', nth: 1, fault: halfWay(100_000) },
        { on: 'read', nth: 2, fault: halfWay(1) },
      ]);
      await using opened = await context.around(broken).open('a.bin');
      sameBytes(await opened.bytes(), bytes);
      const asked = calls.map(call => call.given[1] as ReadOptions);
      assert.deepEqual(
        asked.slice(1).map(({ range }) => range?.start),
        [100_000, 100_001],
      );
      for (const { ifMatch } of asked.slice(1)) assert.equal(ifMatch, opened.info.version);
    },
  },
  {
    id: 'S5.resume-often',
    title: 'goes on however often it is reset, as long as bytes come in between',
    async run(context) {
      const bytes = patternBytes(1, SIZE);
      await context.storage.save('a.bin', bytes);
      const often = Array.from({ length: 12 }, (_, index) => index + 1);
      const plan = [{ on: 'read', nth: often, fault: halfWay(1000) }] as const;
      await using opened = await context.faulty(plan, { attempts: 3, baseDelayMs: 0 }).open('a.bin');
      sameBytes(await opened.bytes(), bytes);
    },
  },
  {
    id: 'S5.resume-range',
    title: 'goes on within the range that was asked for',
    async run(context) {
      const bytes = patternBytes(1, SIZE);
      await context.storage.save('a.bin', bytes);
      const storage = context.faulty([{ on: 'read', nth: 1, fault: halfWay(50_000) }]);
      await using opened = await storage.open('a.bin', { start: 1000, endExclusive: 150_000 });
      sameBytes(await opened.bytes(), bytes.subarray(1000, 150_000));
    },
  },
  {
    id: 'S5.resume-changed',
    title: 'fails rather than mix two versions when the object changed before it could go on',
    async run(context) {
      await context.storage.save('a.bin', patternBytes(1, SIZE));
      const storage = context.faulty([{ on: 'read', nth: 1, fault: halfWay(100_000) }]);
      await using opened = await storage.open('a.bin');
      await context.storage.replace('a.bin', patternBytes(2, SIZE));
      await rejectsWith(['precondition', 'conflict', 'not-found'], opened.bytes());
    },
  },
  {
    id: 'S5.resume-removed',
    title: 'fails when the object was removed before it could go on',
    async run(context) {
      await context.storage.save('a.bin', patternBytes(1, SIZE));
      const storage = context.faulty([{ on: 'read', nth: 1, fault: halfWay(100_000) }]);
      await using opened = await storage.open('a.bin');
      await context.storage.delete('a.bin');
      await rejectsWith(['precondition', 'conflict', 'not-found'], opened.bytes());
    },
  },
  {
    id: 'S5.reset-for-good',
    title: 'fails when it cannot go on, and is never silently short',
    async run(context) {
      await context.storage.save('a.bin', patternBytes(1, SIZE));
      const first = { on: 'read', nth: 1, fault: halfWay(10) } as const;
      const plans = [
        [first, { on: 'read', nth: LATER, fault: halfWay(0) }],
        [first, { on: 'read', nth: LATER, fault: before(refused) }],
      ] as const;
      for (const plan of plans) {
        await using opened = await context.faulty(plan, { attempts: 3, baseDelayMs: 0 }).open('a.bin');
        await rejectsWith(
          ['backend', 'permission'],
          context.soon(opened.bytes(), 'a read that cannot go on'),
        );
      }
    },
  },
  {
    id: 'S5.short-body',
    title: 'notices a body that ends early as if it were whole',
    async run(context) {
      const bytes = patternBytes(1, SIZE);
      await context.storage.save('a.bin', bytes);
      await using once = await context.faulty([{ on: 'read', nth: 1, fault: shortBody(1000) }]).open('a.bin');
      sameBytes(await once.bytes(), bytes);
      const plan = [
        { on: 'read', nth: 1, fault: shortBody(1000) },
        { on: 'read', nth: LATER, fault: shortBody(0) },
      ] as const;
      const storage = context.faulty(plan, { attempts: 3, baseDelayMs: 0 });
      await using always = await storage.open('a.bin');
      await rejectsWith('integrity', always.bytes());
    },
  },
];
