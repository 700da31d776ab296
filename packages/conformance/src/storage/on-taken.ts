import assert from 'node:assert/strict';
import { isFieldFileError } from '@fieldfile/storage';
import { patternBytes, patternStream } from '../content/pattern.ts';
import { lostAnswer } from '../faults/fault.ts';
import { rejectsWith, sameBytes } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

const FAIL = { onTaken: 'fail' } as const;

/** S1 for who wants one name and no other, as whoever accepts an upload that was signed for it. */
export const onTaken: readonly StorageBehaviour[] = [
  {
    id: 'S1.fail-where-taken',
    title: 'takes the very name or fails, told to, and stores nothing',
    async run(context) {
      const { storage } = context;
      const { largeBytes } = context.settings;
      assert.equal(await storage.save('a.bin', 'first', FAIL), 'a.bin');
      await rejectsWith('exists', storage.save('a.bin', patternBytes(1, 1000), FAIL));
      await rejectsWith('exists', storage.save('a.bin', patternStream(1, largeBytes), FAIL));
      const error = await rejectsWith('exists', storage.create('a.bin', 'second', FAIL));
      assert.equal(error.applied, false);
      assert.equal(error.objectName, 'a.bin');
      assert.equal(await storage.save('b.bin', patternStream(2, largeBytes), FAIL), 'b.bin');
      sameBytes(await context.read('b.bin'), patternBytes(2, largeBytes));
      assert.equal(await context.text('a.bin'), 'first');
      await context.holds(['a.bin', 'b.bin']);
      await context.nothingLeft();
    },
  },
  {
    id: 'S1.fail-where-taken-copy',
    title: 'copies and moves to the very name or fails, told to, and leaves the original',
    async run(context) {
      const { storage } = context;
      await storage.save('a.txt', 'one');
      await storage.save('b.txt', 'two');
      await rejectsWith('exists', storage.copy('a.txt', 'b.txt', FAIL));
      await rejectsWith('exists', storage.move('a.txt', 'b.txt', FAIL));
      assert.equal(await storage.copy('a.txt', 'c.txt', FAIL), 'c.txt');
      assert.equal(await storage.move('b.txt', 'd.txt', FAIL), 'd.txt');
      await context.holds(['a.txt', 'c.txt', 'd.txt']);
      assert.equal(await context.text('c.txt'), 'one');
      assert.equal(await context.text('d.txt'), 'two');
    },
  },
  {
    id: 'S1.fail-where-taken-race',
    title: 'lets one of many who want the very name have it, and tells the others',
    async run(context) {
      const { concurrency } = context.settings;
      const outcomes = await Promise.all(
        Array.from({ length: concurrency }, (_, seed) =>
          context.storage.save('a.bin', patternBytes(seed, 10_000), FAIL).then(
            () => seed,
            error => {
              if (!isFieldFileError(error, 'exists')) throw error;
            },
          ),
        ),
      );
      const [winner, ...others] = outcomes.filter(seed => seed !== undefined);
      assert.deepEqual(others, [], 'several were told that the name is theirs');
      assert.ok(winner !== undefined, 'nobody got the name');
      sameBytes(await context.read('a.bin'), patternBytes(winner, 10_000));
      await context.holds(['a.bin']);
    },
  },
  {
    id: 'S1.fail-where-taken-lost',
    title: 'does not take its own object for another when the answer is lost',
    async run(context) {
      const storage = context.faulty([{ on: 'create', nth: 1, fault: lostAnswer() }]);
      assert.equal(await storage.save('a.txt', 'one', FAIL), 'a.txt');
      await context.holds(['a.txt']);
    },
  },
  {
    id: 'S1.fail-where-taken-long',
    title: 'cuts no name that is wanted as it is',
    async run({ storage }) {
      await rejectsWith('name-too-long', storage.save('folder/long.txt', 'one', { ...FAIL, maxLength: 10 }));
      await rejectsWith('invalid-argument', storage.save('a.txt', 'one', { onTaken: 'overwrite' as never }));
    },
  },
];
