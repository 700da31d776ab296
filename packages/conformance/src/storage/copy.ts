import assert from 'node:assert/strict';
import { patternBytes, patternStream } from '../content/pattern.ts';
import { rejectsWith, sameBytes } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

/** S1: a copy is an object of its own. */
export const copy: readonly StorageBehaviour[] = [
  {
    id: 'S1.copy',
    title: 'copies an object into one that lives on its own',
    async run(context) {
      const { largeBytes } = context.settings;
      await context.storage.save('a.bin', patternStream(1, largeBytes));
      assert.equal(await context.storage.copy('a.bin', 'folder/b.bin'), 'folder/b.bin');
      await context.storage.delete('a.bin');
      sameBytes(await context.read('folder/b.bin'), patternBytes(1, largeBytes));
      await context.holds(['folder/b.bin']);
    },
  },
  {
    id: 'S1.copy-never-overwrites',
    title: 'takes another name when the target is occupied, also when it is the source',
    async run(context) {
      await context.storage.save('a.txt', 'one');
      await context.storage.save('b.txt', 'two');
      const beside = await context.storage.copy('a.txt', 'b.txt');
      const again = await context.storage.copy('a.txt', 'a.txt');
      assert.match(beside, /^b_\w{7}\.txt$/);
      assert.match(again, /^a_\w{7}\.txt$/);
      for (const name of ['a.txt', beside, again]) assert.equal(await context.text(name), 'one');
      assert.equal(await context.text('b.txt'), 'two');
    },
  },
  {
    id: 'S1.copy-race',
    title: 'keeps every one of concurrent copies to one name',
    async run(context) {
      await context.storage.save('a.txt', 'one');
      const copies = Array.from({ length: context.settings.concurrency }, () =>
        context.storage.copy('a.txt', 'b.txt'),
      );
      const names = await Promise.all(copies);
      assert.equal(new Set(names).size, names.length, 'two copies were answered the same name');
      await context.holds(['a.txt', ...names]);
    },
  },
  {
    id: 'S1.copy-attributes',
    title: 'copies metadata and content type along',
    async run(context) {
      context.needs('metadata');
      context.needs('content-type');
      await context.storage.save('a.bin', 'one', {
        contentType: 'image/png',
        metadata: { author: 'someone' },
      });
      await context.storage.copy('a.bin', 'b.bin');
      const info = await context.storage.info('b.bin');
      assert.equal(info.contentType, 'image/png');
      assert.deepEqual({ ...info.metadata }, { author: 'someone' });
    },
  },
  {
    id: 'S1.copy-missing',
    title: 'refuses to copy what is not there, and leaves nothing',
    async run(context) {
      await rejectsWith('not-found', context.storage.copy('absent.txt', 'b.txt'));
      await context.holds([]);
    },
  },
  {
    id: 'S1.copy-version',
    title: 'copies the version that was asked for, or nothing',
    async run(context) {
      await context.storage.save('a.txt', 'one');
      const { version: ifMatch } = await context.storage.info('a.txt');
      await context.storage.replace('a.txt', 'two, and longer');
      await rejectsWith('precondition', context.storage.copy('a.txt', 'b.txt', { ifMatch }));
      await rejectsWith('precondition', context.storage.move('a.txt', 'b.txt', { ifMatch }));
      await context.holds(['a.txt']);
    },
  },
  {
    id: 'S1.move',
    title: 'moves an object, to another name where the target is occupied',
    async run(context) {
      await context.storage.save('a.txt', 'one');
      await context.storage.save('taken.txt', 'two');
      assert.equal(await context.storage.move('a.txt', 'folder/b.txt'), 'folder/b.txt');
      const beside = await context.storage.move('folder/b.txt', 'taken.txt');
      assert.match(beside, /^taken_\w{7}\.txt$/);
      assert.equal(await context.text(beside), 'one');
      assert.equal(await context.text('taken.txt'), 'two');
      await rejectsWith('not-found', context.storage.move('a.txt', 'c.txt'));
      await context.holds(['taken.txt', beside]);
    },
  },
  {
    id: 'S2.copy-undo',
    title: 'takes a copy back by its write id, and never the original',
    async run(context) {
      const original = await context.storage.create('a.txt', 'one');
      const { name, writeId } = await context.storage.createCopy('a.txt', 'b.txt');
      assert.notEqual(await context.storage.undo('b.txt', original.writeId), 'removed');
      assert.equal(await context.storage.undo(name, writeId), 'removed');
      await context.storage.settle('a.txt', original.writeId);
      await context.holds(['a.txt']);
    },
  },
];
