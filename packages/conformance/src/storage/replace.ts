import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { isFieldFileError, type ObjectVersion } from '@fieldfile/storage';
import { pattern, patternBytes, patternStream } from '../content/pattern.ts';
import { failingStream, gatedStream } from '../content/streams.ts';
import { rejection, rejectsWith, sameBytes } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

/** S1: replacing overwrites on purpose, whole or not at all. */
export const replace: readonly StorageBehaviour[] = [
  {
    id: 'S1.replace-overwrites',
    title: 'replaces the content under the same name, also by shorter content',
    async run(context) {
      await context.storage.save('a.txt', 'a long first content');
      const info = await context.storage.replace('a.txt', 'new');
      assert.equal(info.name, 'a.txt');
      assert.equal(info.sizeBytes, 3);
      assert.equal(await context.text('a.txt'), 'new');
      await context.holds(['a.txt']);
    },
  },
  {
    id: 'S1.replace-creates',
    title: 'creates what is not there yet',
    async run(context) {
      await context.storage.replace('new/folder/a.txt', 'new');
      assert.equal(await context.text('new/folder/a.txt'), 'new');
    },
  },
  {
    id: 'S1.replace-changes-version',
    title: 'gives every content a version of its own',
    async run(context) {
      await context.storage.save('a.txt', 'aaa');
      const before = await context.storage.info('a.txt');
      const replaced = await context.storage.replace('a.txt', 'bbb');
      const after = await context.storage.info('a.txt');
      assert.notEqual(after.version, before.version);
      assert.equal(after.version, replaced.version);
    },
  },
  {
    id: 'S1.replace-atomic',
    title: 'shows the old content until the new one is whole',
    async run(context) {
      const [old, fresh] = [patternBytes(1, 70_000), patternBytes(2, 90_000)];
      await context.storage.save('a.bin', old);
      const slow = gatedStream(fresh);
      const replacing = context.storage.replace('a.bin', slow);
      await Promise.race([slow.halfWay, replacing]);
      sameBytes(await context.read('a.bin'), old, 'what a reader sees during a replace');
      assert.equal((await context.storage.info('a.bin')).sizeBytes, old.byteLength);
      slow.open();
      await replacing;
      sameBytes(await context.read('a.bin'), fresh, 'what a reader sees after a replace');
    },
  },
  {
    id: 'S1.replace-race',
    title: 'shows one whole content at a time to readers among concurrent replaces',
    async run(context) {
      const { concurrency } = context.settings;
      const contents = Array.from({ length: concurrency + 1 }, (_, seed) =>
        patternBytes(seed, 20_000 + seed),
      );
      await context.storage.save('a.bin', contents[0] as Uint8Array);
      let writing = true;
      const writes = Promise.all(
        contents
          .slice(1)
          .map((_, index) => context.storage.replace('a.bin', inTurns(contents[index + 1] as Uint8Array))),
      ).finally(() => {
        writing = false;
      });
      const look = async (): Promise<void> => {
        const seen = await context.read('a.bin').catch(error => {
          // A read overtaken by a replace may fail, but only by saying so.
          if (!isFieldFileError(error, 'precondition', 'integrity', 'conflict')) throw error;
        });
        if (seen)
          sameBytes(seen, contents[seen.byteLength - 20_000] ?? new Uint8Array(), 'what a reader saw');
      };
      while (writing) {
        await look();
        await turn();
      }
      await writes;
      await look();
      await context.holds(['a.bin']);
    },
  },
  {
    id: 'S1.replace-if-match',
    title: 'replaces only the version that was asked for',
    async run(context) {
      context.needs('replace-if-match');
      await context.storage.save('a.txt', 'one');
      const { version } = await context.storage.info('a.txt');
      const second = await context.storage.replace('a.txt', 'two', { ifMatch: version });
      await rejectsWith('precondition', context.storage.replace('a.txt', 'three', { ifMatch: version }));
      await rejectsWith('precondition', context.storage.replace('absent.txt', 'three', { ifMatch: version }));
      assert.equal(await context.text('a.txt'), 'two');
      await context.storage.replace('a.txt', 'four', { ifMatch: second.version });
      await context.holds(['a.txt']);
    },
  },
  {
    id: 'S1.replace-if-match-race',
    title: 'lets exactly one of concurrent replaces of one version win',
    async run(context) {
      context.needs('replace-if-match');
      await context.storage.save('a.bin', 'old');
      const { version } = await context.storage.info('a.bin');
      const attempts = await Promise.allSettled(
        Array.from({ length: context.settings.concurrency }, (_, seed) =>
          context.storage.replace('a.bin', patternStream(seed, 10_000), {
            ifMatch: version as ObjectVersion,
          }),
        ),
      );
      const winners = attempts.flatMap(({ status }, seed) => (status === 'fulfilled' ? [seed] : []));
      assert.equal(winners.length, 1, `${winners.length} replaces of one version succeeded`);
      for (const attempt of attempts) {
        // Under a race a service may fail (Ceph: 500) instead of refusing: then it is certain that nothing was applied.
        if (attempt.status === 'rejected' && !isUnapplied(attempt.reason))
          await rejectsWith('precondition', Promise.reject(attempt.reason));
      }
      sameBytes(await context.read('a.bin'), patternBytes(winners[0] as number, 10_000));
    },
  },
  {
    id: 'S1.failed-replace-keeps-old',
    title: 'keeps the old content when the new stream fails half-way',
    async run(context) {
      await context.storage.save('a.bin', 'old');
      for (const size of [100_000, context.settings.largeBytes]) {
        const failure = new Error('the stream broke');
        const replacing = context.storage.replace('a.bin', failingStream(pattern(1, size), failure));
        assert.equal(await rejection(replacing), failure);
        assert.equal(await context.text('a.bin'), 'old');
        await context.holds(['a.bin']);
        await context.nothingLeft();
      }
    },
  },
];

const isUnapplied = (error: unknown): boolean =>
  isFieldFileError(error, 'backend') && error.retryable && error.applied === false;

/** Takes several turns of the event loop, so that a reader comes in between. */
async function* inTurns(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += 5000) {
    yield bytes.subarray(start, start + 5000);
    await turn();
  }
}
