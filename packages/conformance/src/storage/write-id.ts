import assert from 'node:assert/strict';
import type { ObjectInfo, WriteId } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import { patternBytes, patternStream } from '../content/pattern.ts';
import { before, lostAnswer, refused, timedOut } from '../faults/fault.ts';
import { rejectsWith, sameBytes } from './assertions.ts';
import type { StorageBehaviour, StorageContext } from './context.ts';

/** S2: every write has an id, which tells whose an object is. */
export const writeIds: readonly StorageBehaviour[] = [
  {
    id: 'S2.undo-own',
    title: 'takes back what a write left',
    async run(context) {
      const { name, writeId } = await context.storage.create('folder/a.txt', 'one');
      assert.equal(await context.storage.undo(name, writeId), 'removed');
      await context.holds([]);
      assert.equal(await context.storage.undo(name, writeId), 'absent', 'a second undo found something');
    },
  },
  {
    id: 'S2.undo-foreign',
    title: "leaves another write's object alone",
    async run(context) {
      const { name, writeId } = await context.storage.create('a.txt', 'one');
      assert.equal(await context.storage.undo(name, newWriteId()), 'foreign');
      assert.equal(await context.text(name), 'one');
      await context.storage.settle(name, writeId);
      assert.equal(await context.storage.undo(name, newWriteId()), 'foreign');
      assert.equal(await context.text(name), 'one');
    },
  },
  {
    id: 'S2.undo-never-began',
    title: 'finds nothing of a write that never began',
    async run(context) {
      assert.equal(await context.storage.undo('folder/a.txt', newWriteId()), 'absent');
      await context.holds([]);
    },
  },
  {
    id: 'S2.undo-after-replace',
    title: "leaves the object of a later write that replaced the undone write's",
    async run(context) {
      const first = await context.storage.create('a.txt', 'one');
      await context.storage.replace('a.txt', 'two');
      assert.notEqual(await context.storage.undo(first.name, first.writeId), 'removed');
      assert.equal(await context.text('a.txt'), 'two');
    },
  },
  {
    id: 'S2.undo-after-reuse',
    title: 'leaves the object of a later write that took the freed name',
    async run(context) {
      const first = await context.storage.create('a.txt', 'one');
      await context.storage.delete('a.txt');
      assert.equal(await context.storage.save('a.txt', 'two'), 'a.txt');
      assert.notEqual(await context.storage.undo(first.name, first.writeId), 'removed');
      assert.equal(await context.text('a.txt'), 'two');
    },
  },
  {
    id: 'S2.undo-after-settle',
    title: 'tells the truth when a settled write is undone',
    async run(context) {
      const { name, writeId } = await context.storage.create('a.txt', 'one');
      await context.storage.settle(name, writeId);
      const result = await context.storage.undo(name, writeId);
      assert.equal(await context.storage.exists(name), result !== 'removed', `undo answered "${result}"`);
    },
  },
  {
    id: 'S2.settle-again',
    title: 'settles twice, and what never began, without harm',
    async run(context) {
      const { name, writeId } = await context.storage.create('a.txt', 'one');
      await context.storage.settle(name, writeId);
      await context.storage.settle(name, writeId);
      await context.storage.settle(name, newWriteId());
      await context.storage.settle('absent.txt', newWriteId());
      await context.holds([name]);
      assert.equal(await context.text(name), 'one');
    },
  },
  {
    id: 'S2.find-write',
    title: 'finds an object by the write that made it, and by no other',
    async run(context) {
      const { name, writeId } = await context.storage.create('a.txt', 'one');
      assert.equal((await findWrite(context, name, writeId))?.sizeBytes, 3);
      assert.equal(await findWrite(context, name, newWriteId()), undefined);
      assert.equal(await findWrite(context, 'absent.txt', writeId), undefined);
      await context.storage.replace(name, 'other');
      assert.equal(await findWrite(context, name, writeId), undefined, 'a replaced write was found');
      await context.storage.settle(name, writeId);
    },
  },
  {
    id: 'S2.given-write-id',
    title: 'uses the write id it is given',
    async run(context) {
      const writeId = newWriteId();
      const write = await context.storage.create('a.txt', 'one', { writeId });
      assert.equal(write.writeId, writeId);
      assert.equal(await context.storage.undo(write.name, writeId), 'removed');
    },
  },
  {
    id: 'S2.lost-create',
    title: 'finds its object when the answer of a create is lost, under the same name and once',
    async run(context) {
      const storage = context.faulty([{ on: 'create', nth: 1, fault: lostAnswer() }]);
      assert.equal(await storage.save('a.txt', 'one'), 'a.txt');
      assert.equal(await context.text('a.txt'), 'one');
      await context.holds(['a.txt']);
    },
  },
  {
    id: 'S2.lost-create-stream',
    title: 'finds its object when the answer is lost and the stream is gone',
    async run(context) {
      const { largeBytes } = context.settings;
      const storage = context.faulty([{ on: 'create', nth: 1, fault: lostAnswer() }]);
      assert.equal(await storage.save('a.bin', patternStream(1, largeBytes)), 'a.bin');
      await context.holds(['a.bin']);
      sameBytes(await context.read('a.bin'), patternBytes(1, largeBytes));
    },
  },
  {
    id: 'S2.lost-create-renamed',
    title: 'finds its object when the answer is lost under an alternative name',
    async run(context) {
      await context.storage.save('a.txt', 'old');
      const storage = context.faulty([{ on: 'create', nth: 1, fault: lostAnswer() }]);
      const name = await storage.save('a.txt', 'new');
      await context.holds(['a.txt', name]);
      assert.equal(await context.text('a.txt'), 'old');
      assert.equal(await context.text(name), 'new');
    },
  },
  {
    id: 'S2.lost-create-not-done',
    title: 'creates once when an unanswered create had not happened',
    async run(context) {
      const storage = context.faulty([{ on: 'create', nth: 1, fault: before(timedOut) }]);
      assert.equal(await storage.save('a.txt', 'one'), 'a.txt');
      await context.holds(['a.txt']);
    },
  },
  {
    id: 'S2.lost-replace',
    title: 'replaces once when the answer is lost',
    async run(context) {
      await context.storage.save('a.txt', 'old');
      const storage = context.faulty([{ on: 'replace', nth: 1, fault: lostAnswer() }]);
      const { version } = await storage.replace('a.txt', patternStream(1, 10_000));
      sameBytes(await context.read('a.txt'), patternBytes(1, 10_000));
      assert.equal((await context.storage.info('a.txt')).version, version);
      await context.holds(['a.txt']);
    },
  },
  {
    id: 'S2.lost-replace-if-match',
    title: 'does not take its own replace for a rival when the answer is lost',
    async run(context) {
      context.needs('replace-if-match');
      await context.storage.save('a.txt', 'old');
      const { version } = await context.storage.info('a.txt');
      const storage = context.faulty([{ on: 'replace', nth: 1, fault: lostAnswer() }]);
      await storage.replace('a.txt', 'new', { ifMatch: version });
      assert.equal(await context.text('a.txt'), 'new');
    },
  },
  {
    id: 'S2.lost-remove',
    title: 'removes when the answer is lost',
    async run(context) {
      await context.storage.save('a.txt', 'one');
      await context.faulty([{ on: 'remove', nth: 1, fault: lostAnswer() }]).delete('a.txt');
      await context.holds([]);
    },
  },
  {
    id: 'S2.lost-undo',
    title: 'undoes when the answer is lost',
    async run(context) {
      const storage = context.faulty([{ on: 'undo', nth: 1, fault: lostAnswer() }]);
      const { name, writeId } = await storage.create('a.txt', 'one');
      assert.notEqual(await storage.undo(name, writeId), 'foreign');
      await context.holds([]);
    },
  },
  {
    id: 'S2.lost-copy',
    title: 'copies once when the answer is lost',
    async run(context) {
      await context.storage.save('a.txt', 'one');
      const storage = context.faulty([
        { on: 'copy', nth: 1, fault: lostAnswer() },
        { on: 'create', nth: 1, fault: lostAnswer() },
      ]);
      assert.equal(await storage.copy('a.txt', 'b.txt'), 'b.txt');
      await context.holds(['a.txt', 'b.txt']);
      assert.equal(await context.text('b.txt'), 'one');
    },
  },
  {
    id: 'S2.unresolved',
    title: "says applied 'unknown' when nobody can tell whether a create happened, and can be undone later",
    async run(context) {
      const writeId = newWriteId();
      const storage = context.faulty([
        { on: 'create', fault: lostAnswer() },
        { on: 'findWrite', fault: before(refused) },
        { on: 'info', fault: before(refused) },
        { on: 'undo', fault: before(refused) },
      ]);
      const error = await rejectsWith('timeout', storage.save('a.txt', 'one', { writeId }));
      assert.equal(error.applied, 'unknown');
      assert.equal(await context.storage.undo('a.txt', writeId), 'removed');
      await context.holds([]);
    },
  },
];

/** As `Storage` asks: by `findWrite`, or by what `info` says where the backend keeps the write id with the object. */
async function findWrite(
  context: StorageContext,
  name: string,
  writeId: WriteId,
): Promise<ObjectInfo | undefined> {
  const { backend } = context;
  if (backend.findWrite) return backend.findWrite(context.objectName(name), writeId);
  const info = await backend.info(context.objectName(name));
  return info?.writeId === writeId ? info : undefined;
}
