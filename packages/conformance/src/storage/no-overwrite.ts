import assert from 'node:assert/strict';
import { FieldFileError, type Storage, type WriteId } from '@fieldfile/storage';
import { newWriteId, toSource } from '@fieldfile/storage/backend';
import { digestOf, pattern, patternBytes, patternStream } from '../content/pattern.ts';
import { failingStream, gatedStream } from '../content/streams.ts';
import { rejection, rejectsWith, sameBytes } from './assertions.ts';
import type { StorageBehaviour, StorageContext } from './context.ts';

/** S1: creating never overwrites, and the name that is answered is the one that the object has. */
export const noOverwrite: readonly StorageBehaviour[] = [
  {
    id: 'S1.name-as-given',
    title: 'takes a free name as it is given',
    async run(context) {
      assert.equal(await context.storage.save('folder/a b.tar.gz', 'one'), 'folder/a b.tar.gz');
      assert.equal(await context.text('folder/a b.tar.gz'), 'one');
      await context.holds(['folder/a b.tar.gz']);
    },
  },
  {
    id: 'S1.alternative-name',
    title: 'adds seven characters before all extensions of an occupied name',
    async run(context) {
      await context.storage.save('v1.0/archive.tar.gz', 'first');
      const name = await context.storage.save('v1.0/archive.tar.gz', 'second');
      assert.match(name, /^v1\.0\/archive_[a-zA-Z0-9]{7}\.tar\.gz$/);
      assert.equal(await context.text('v1.0/archive.tar.gz'), 'first');
      assert.equal(await context.text(name), 'second');
    },
  },
  {
    id: 'S1.answered-name',
    title: 'answers the name under which the content is found, the last one announced',
    async run(context) {
      for (const content of ['first', 'second', 'third']) {
        const announced: string[] = [];
        const onCandidate = async (name: string): Promise<void> => void announced.push(name);
        const { name, writeId, info } = await context.storage.create('a.txt', content, { onCandidate });
        await context.storage.settle(name, writeId);
        assert.equal(info.name, name);
        assert.equal(announced[0], 'a.txt');
        assert.equal(announced.at(-1), name);
        assert.equal(await context.text(name), content, `another object is under the name answered, ${name}`);
      }
    },
  },
  {
    id: 'S1.rename-loop',
    title: 'keeps every one of concurrent saves of one name',
    async run(context) {
      await keepsAll(
        context,
        10_000,
        seed => patternBytes(seed, 10_000),
        () => context.storage,
      );
    },
  },
  {
    id: 'S1.rename-loop-streams',
    title: 'keeps every one of concurrent large one-shot streams of one name',
    async run(context) {
      const { largeBytes } = context.settings;
      await keepsAll(
        context,
        largeBytes,
        seed => patternStream(seed, largeBytes),
        () => context.storage,
      );
    },
  },
  {
    id: 'S1.rename-loop-two-clients',
    title: 'keeps every one of concurrent saves of one name by two clients',
    async run(context) {
      const other = await context.offered('reopen')();
      const storageOf = (seed: number): Storage => (seed % 2 ? other : context.storage);
      await keepsAll(context, 10_000, seed => patternStream(seed, 10_000), storageOf);
    },
  },
  {
    id: 'S1.one-winner',
    title: 'lets exactly one of concurrent creates have a name that has no alternative',
    run: context => hasOneWinner(context, 10_000),
  },
  {
    id: 'S1.one-winner-streams',
    title: 'lets exactly one of concurrent creates of large one-shot streams have such a name',
    run: context => hasOneWinner(context, context.settings.largeBytes),
  },
  {
    id: 'S1.overtaken',
    title: 'keeps a slow save and one of the same name that overtakes it',
    async run(context) {
      const slow = gatedStream(patternBytes(1, 50_000));
      const saving = context.storage.save('a.bin', slow);
      await Promise.race([slow.halfWay, saving]);
      const fast = await context.storage.save('a.bin', patternBytes(2, 50_000));
      slow.open();
      const name = await saving;
      assert.notEqual(name, fast);
      sameBytes(await context.read(name), patternBytes(1, 50_000));
      sameBytes(await context.read(fast), patternBytes(2, 50_000));
    },
  },
  {
    id: 'S1.max-length',
    title: 'keeps to maxLength, with and without a collision',
    async run(context) {
      const options = { maxLength: 20 };
      const first = await context.storage.save('f/abcdefghijk.tar.gz', 'one', options);
      const second = await context.storage.save('f/abcdefghijk.tar.gz', 'two', options);
      assert.equal(first, 'f/abcdefghijk.tar.gz');
      assert.match(second, /^f\/abc_[a-zA-Z0-9]{7}\.tar\.gz$/);
      const shortened = await context.storage.save('f/abcdefghijkl.tar.gz', 'three', options);
      assert.ok(shortened.length <= 20, `${shortened} is longer than 20`);
      assert.equal(await context.text(shortened), 'three');
    },
  },
  {
    id: 'S1.max-length-exhausted',
    title: 'refuses a name that cannot be shortened, and stores nothing',
    async run(context) {
      await rejectsWith('name-too-long', context.storage.save('folder/a.txt', 'one', { maxLength: 9 }));
      await context.holds([]);
    },
  },
  {
    id: 'S1.failed-create-leaves-nothing',
    title: "rejects with the stream's own error when it fails half-way, and leaves nothing",
    async run(context) {
      for (const size of [100_000, context.settings.largeBytes]) {
        const failure = new Error('the stream broke');
        assert.equal(
          await rejection(context.storage.save('a.bin', failingStream(pattern(1, size), failure))),
          failure,
        );
        await context.holds([]);
        await context.nothingLeft();
      }
      assert.equal(
        await context.storage.save('a.bin', 'next'),
        'a.bin',
        'the name of a failed save is not free',
      );
    },
  },
  {
    id: 'S1.failed-rename-leaves-nothing',
    title: 'leaves nothing of a save that failed half-way under an alternative name',
    async run(context) {
      await context.storage.save('a.bin', 'old');
      const failure = new Error('the stream broke');
      assert.equal(
        await rejection(context.storage.save('a.bin', failingStream(pattern(1, 100_000), failure))),
        failure,
      );
      await context.holds(['a.bin']);
      assert.equal(await context.text('a.bin'), 'old');
    },
  },
];

/** Races one save per seed for one name, then looks for each content under the name that was answered. */
async function keepsAll(
  context: StorageContext,
  sizeBytes: number,
  content: (seed: number) => Uint8Array | AsyncIterable<Uint8Array>,
  storageOf: (seed: number) => Storage,
): Promise<void> {
  const rivals = seeds(context.settings.concurrency);
  const names = await Promise.all(rivals.map(seed => storageOf(seed).save('same.tar.gz', content(seed))));
  assert.equal(new Set(names).size, rivals.length, 'two saves were answered the same name');
  assert.ok(names.includes('same.tar.gz'), 'nobody got the name itself');
  await context.holds(names);
  for (const [seed, name] of names.entries()) {
    await using opened = await context.storage.open(name);
    assert.equal(
      await digestOf(opened.stream),
      await digestOf(pattern(seed, sizeBytes)),
      `${name} does not hold what was saved under it`,
    );
  }
}

/** Races one create per seed for one name and no other. */
async function hasOneWinner(context: StorageContext, sizeBytes: number): Promise<void> {
  const name = context.objectName('only.bin');
  const taken = new FieldFileError('exists', 'The test wants this name only.');
  const writeIds = seeds(context.settings.concurrency).map(newWriteId);
  const attempts = await Promise.allSettled(
    writeIds.map((writeId, seed) =>
      context.backend.create(
        toSource(patternStream(seed, sizeBytes), { operation: 'create' }),
        { first: name, next: () => Promise.reject(taken) },
        { writeId },
      ),
    ),
  );
  const winners = attempts.flatMap((attempt, seed) => (attempt.status === 'fulfilled' ? [seed] : []));
  assert.equal(winners.length, 1, `${winners.length} creates of one name succeeded`);
  for (const attempt of attempts)
    if (attempt.status === 'rejected') assert.equal(attempt.reason, taken, 'a loser got another error');
  const winner = winners[0] as number;
  await context.holds(['only.bin']);
  await using opened = await context.storage.open('only.bin');
  assert.equal(await digestOf(opened.stream), await digestOf(pattern(winner, sizeBytes)));
  await context.storage.settle('only.bin', writeIds[winner] as WriteId);
}

const seeds = (count: number): number[] => Array.from({ length: count }, (_, seed) => seed);
