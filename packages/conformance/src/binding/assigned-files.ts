import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { file, isFieldFileError, noFile } from '@fieldfile/core';
import { rejectsWith } from '../storage/assertions.ts';
import type { BindingBehaviour, BindingContext } from './context.ts';
import type { DocumentRow } from './options.ts';

/** O1: what is assigned of another row's file is what it showed at that moment, and it is kept until it is copied. */
export const assignedFiles: readonly BindingBehaviour[] = [
  {
    id: 'O1.archived',
    title: 'an archive keeps what the file was, though the row gets another one and is saved first',
    async run(context) {
      const { subject } = context;
      const [doc, archive] = await twoRows(context, 'old.txt');
      subject.assign(archive, context.file(doc));
      subject.assign(doc, file('new', 'new.txt'));
      await subject.save(doc, {});
      await subject.save(archive, {});
      await context.storedText(archive.id, 'content of old.txt');
      await context.storedText(doc.id, 'new');
      await context.agrees();
    },
  },
  {
    id: 'O1.archived-saved',
    title: 'an archive keeps what the file was, though the row is given another one by handle.save meanwhile',
    async run(context) {
      const [doc, archive] = await twoRows(context, 'old.txt');
      context.subject.assign(archive, context.file(doc));
      await context.file(doc).save('new', { name: 'new.txt' });
      await context.recover();
      await context.subject.save(archive, {});
      await context.storedText(archive.id, 'content of old.txt');
      await context.storedText(doc.id, 'new');
      await context.agrees();
    },
  },
  {
    id: 'O1.archived-cleared',
    title: 'a file that was assigned to another row is still there for it when it is cleared',
    async run(context) {
      const [doc, archive] = await twoRows(context, 'old.txt');
      context.subject.assign(archive, context.file(doc));
      await context.file(doc).delete();
      await context.subject.save(archive, {});
      await context.storedText(archive.id, 'content of old.txt');
      assert.equal((await context.storedName(doc.id)) || null, null);
      await context.agrees();
    },
  },
  {
    id: 'O1.archived-removed',
    title: 'a file that was assigned to another row is still there for it when its own row is removed',
    async run(context) {
      const [doc, archive] = await twoRows(context, 'old.txt');
      context.subject.assign(archive, context.file(doc));
      await context.subject.remove(doc);
      await context.subject.save(archive, {});
      await context.storedText(archive.id, 'content of old.txt');
      await context.agrees();
    },
  },
  {
    id: 'O1.archived-rolled-back',
    title: 'a file that was assigned to another row is still there for it when its own save is rolled back',
    async run(context) {
      context.needs('save-in-transaction');
      const [doc, archive] = await twoRows(context, 'old.txt');
      const rollback = new Error('rolled back');
      const work = context.subject.transaction(async rows => {
        const inside = await context.find(doc.id, rows);
        await context.file(inside).save('never committed', { name: 'new.txt' });
        context.subject.assign(archive, context.file(inside));
        throw rollback;
      });
      await assert.rejects(work, error => error === rollback);
      await context.recover();
      await context.subject.save(archive, {});
      await context.storedText(archive.id, 'never committed');
      await context.storedText(doc.id, 'content of old.txt');
      await context.agrees();
    },
  },
  {
    id: 'O1.archived-replaced',
    title: 'an archive does not get the bytes that a file was replaced by after it was assigned',
    async run(context) {
      const { subject } = context;
      const [doc, archive] = await twoRows(context, 'old.txt', 'archived.txt');
      subject.assign(archive, context.file(doc));
      await context.file(doc).stored?.replace('new');
      await rejectsWith('conflict', subject.save(archive, {}));
      await context.storedText(archive.id, 'content of archived.txt');
      subject.assign(archive, context.file(doc));
      await subject.save(archive, {});
      await context.storedText(archive.id, 'new');
    },
  },
  {
    id: 'O1.archive-given-up',
    title: 'what was kept for another row is removed when that is given something else instead',
    async run(context) {
      const { subject } = context;
      const [doc, archive] = await twoRows(context, 'old.txt');
      subject.assign(archive, context.file(doc));
      await context.file(doc).save('new', { name: 'new.txt' });
      subject.assign(archive, noFile);
      await subject.save(archive, {});
      await context.storedText(doc.id, 'new');
      await context.soon(onlyObjects(context, 1), 'removing what nobody is to copy any more');
      await context.agrees();
    },
  },
  {
    id: 'O1.previous',
    title: 'a row keeps its current file in another column and gets a new one, in one save',
    async run(context) {
      const { subject } = context;
      const { id } = await context.document('current.txt');
      const row = await context.find(id);
      subject.assign(row, context.file(row), 'cover');
      subject.assign(row, file('new', 'new.txt'));
      await subject.save(row, {});
      const { avatar, cover } = await context.stored(id);
      assert.ok(avatar && cover, 'a column is empty');
      assert.deepEqual(
        [await context.text(avatar), await context.text(cover)],
        ['new', 'content of current.txt'],
      );
      await context.agrees();
    },
  },
  {
    id: 'O1.swap',
    title: 'two rows swap their files by a snapshot',
    async run(context) {
      const { subject } = context;
      const [one, other] = await twoRows(context, 'one.txt', 'other.txt');
      const { stored } = context.file(one);
      assert.ok(stored, 'the row shows no file');
      const was = file(stored);
      subject.assign(one, context.file(other));
      subject.assign(other, was);
      await subject.save(one, {});
      await subject.save(other, {});
      await context.storedText(one.id, 'content of other.txt');
      await context.storedText(other.id, 'content of one.txt');
      await context.agrees();
    },
  },
  {
    id: 'O1.swap-refused',
    title: 'a swap without a snapshot is refused, and no file is lost',
    async run(context) {
      const { subject } = context;
      const [one, other] = await twoRows(context, 'one.txt', 'other.txt');
      subject.assign(one, context.file(other));
      refused(() => subject.assign(other, context.file(one)));
      subject.assign(one, noFile);
      await subject.save(other, { name: 'untouched' });
      await context.storedText(other.id, 'content of other.txt');
    },
  },
  {
    id: 'O1.pending-shared',
    title: 'a file that waits to be stored is given to another row as well, and each gets an object',
    async run(context) {
      const { subject } = context;
      const [one, other] = await twoRows(context, 'one.txt', 'other.txt');
      subject.assign(one, file('both', 'both.txt'));
      subject.assign(other, context.file(one));
      await subject.save(one, {});
      await subject.save(other, {});
      await context.storedText(one.id, 'both');
      await context.storedText(other.id, 'both');
      assert.notEqual(await context.storedName(one.id), await context.storedName(other.id));
      await context.agrees();
    },
  },
  {
    id: 'O1.pending-stream',
    title: 'a stream that waits to be stored is not given to another row: that keeps its file',
    async run(context) {
      const { subject } = context;
      const [one, other] = await twoRows(context, 'one.txt', 'other.txt');
      subject.assign(one, file(new Blob(['stream']).stream(), 'stream.txt'));
      refused(() => subject.assign(other, context.file(one)));
      await rejectsWith('invalid-argument', context.file(other).save(context.file(one) as never));
      await subject.save(one, {});
      await subject.save(other, { name: 'untouched' });
      await context.storedText(one.id, 'stream');
      await context.storedText(other.id, 'content of other.txt');
      await context.agrees();
    },
  },
  {
    id: 'O1.save-snapshot',
    title: "handle.save of another row's file takes what it shows when it is called",
    async run(context) {
      const [doc, archive] = await twoRows(context, 'old.txt', 'archived.txt');
      const { stored } = context.file(doc);
      assert.ok(stored, 'the row shows no file');
      const first = context.file(archive).save('first', { name: 'first.txt' });
      const copied = context.file(archive).save(stored);
      const replaced = stored.save('new', { name: 'new.txt' });
      await Promise.all([first, copied, replaced]);
      await context.storedText(archive.id, 'content of old.txt');
      await context.storedText(doc.id, 'new');
      await context.agrees();
    },
  },
];

/** Settles once there are no more than so many objects: an assignment cannot be waited for. */
async function onlyObjects(context: BindingContext, count: number): Promise<void> {
  while ((await context.objects()).length > count) await setTimeout(1);
}

const refused = (assign: () => void): void =>
  assert.throws(assign, error => isFieldFileError(error, 'invalid-argument'));

/** Two fresh row objects, with files of these names. */
async function twoRows(
  context: BindingContext,
  ...filenames: readonly string[]
): Promise<[DocumentRow, DocumentRow]> {
  const [one, other] = [await context.document(filenames[0]), await context.document(filenames[1])];
  return [await context.find(one.id), await context.find(other.id)];
}
