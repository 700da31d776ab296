import assert from 'node:assert/strict';
import { file, upload } from '@fieldfile/core';
import { rejection } from '../storage/assertions.ts';
import type { BindingBehaviour } from './context.ts';
import { Abandoned, abandoned, replace, rolledBack, serializationFailure } from './steps.ts';

/** T8: files follow their transaction. */
export const transactions: readonly BindingBehaviour[] = [
  {
    id: 'T8.commit',
    title: 'a committed transaction removes the replaced object after the commit, not before',
    async run(context) {
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      await context.subject.transaction(async rows => {
        await replace(context, rows, row, 'new');
        assert.equal((await context.objects()).length, 2, 'the old object went before the commit');
      });
      await context.storedText(id, 'new');
    },
  },
  {
    id: 'T8.rollback-insert',
    title: 'a rolled back insert leaves no object',
    async run(context) {
      await rolledBack(context, async rows => {
        const row = rows.make({ name: 'never' });
        context.subject.assign(row, file('never', 'never.txt'));
        await rows.insert(row);
      });
      assert.deepEqual(await context.other.rows(), []);
    },
  },
  {
    id: 'T8.rollback-assigned',
    title: 'a rolled back replacement leaves the old file, and what was assigned can be saved again',
    async run(context) {
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      const oldName = await context.storedName(id);
      await rolledBack(context, rows => replace(context, rows, row, 'new'));
      await context.agrees();
      assert.equal(await context.storedName(id), oldName);
      const again = await context.find(id);
      assert.equal(context.file(again).name, oldName);
      await replace(context, context.subject, again, 'new');
      await context.storedText(id, 'new');
    },
  },
  {
    id: 'T8.rollback-restores',
    title: 'after a rollback the row object has its old file',
    async run(context) {
      context.needs('save-in-transaction');
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      const handle = context.file(row);
      const oldName = handle.name;
      await rolledBack(context, async () => {
        await handle.save('new', { name: 'new.txt' });
        assert.notEqual(handle.name, oldName);
      });
      assert.deepEqual([handle.name, context.file(row).name, handle.pending], [oldName, oldName, false]);
      assert.equal(await handle.stored?.text(), 'content of old.txt');
      await context.subject.save(row, { name: 'renamed' });
      assert.equal(await context.storedName(id), oldName);
    },
  },
  {
    id: 'T8.save-joins',
    title: 'handle.save takes part in the open transaction',
    async run(context) {
      context.needs('save-in-transaction', 'isolation');
      const { id } = await context.document('old.txt');
      const oldName = await context.storedName(id);
      await context.subject.transaction(async rows => {
        const row = await context.find(id, rows);
        await context.file(row).save('new', { name: 'new.txt' });
        assert.equal(await context.storedName(id), oldName, 'another client sees what is not committed');
      });
      await context.storedText(id, 'new');
    },
  },
  {
    id: 'T8.save-twice',
    title: 'of two files saved in one transaction the second is left',
    async run(context) {
      context.needs('save-in-transaction');
      const { id } = await context.document('old.txt');
      const handle = context.file(await context.find(id));
      await context.subject.transaction(async () => {
        await handle.save('one', { name: 'one.txt' });
        await handle.save('two', { name: 'two.txt' });
      });
      await context.storedText(id, 'two');
      assert.equal(handle.pending, false);
    },
  },
  {
    id: 'T8.rollback-twice',
    title: 'of two files saved in a transaction that rolls back none is left',
    async run(context) {
      context.needs('save-in-transaction');
      const { id } = await context.document('old.txt');
      const handle = context.file(await context.find(id));
      await rolledBack(context, async () => {
        await handle.save('one', { name: 'one.txt' });
        await handle.delete();
        await handle.save('two', { name: 'two.txt' });
      });
      await context.storedText(id, 'content of old.txt');
    },
  },
  {
    id: 'T8.rollback-remove',
    title: 'the object of a row whose removal is rolled back stays',
    async run(context) {
      const { id } = await context.document('a.txt');
      await rolledBack(context, async rows => rows.remove(await context.find(id, rows)));
      await context.storedText(id, 'content of a.txt');
    },
  },
  {
    id: 'T8.failed-statement',
    title: 'a statement that fails takes the transaction and its files with it',
    async run(context) {
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      await rejection(
        context.subject.transaction(async rows => {
          await replace(context, rows, row, 'new');
          await rows.insert(rows.make({ id, name: 'twin' }));
        }),
        'the transaction',
      );
      await context.storedText(id, 'content of old.txt');
    },
  },
  {
    id: 'T8.swallowed-failure',
    title:
      'a transaction that goes on after a failed statement ends with the files of its rows, whichever these are',
    async run(context) {
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      await Promise.allSettled([
        context.subject.transaction(async rows => {
          await replace(context, rows, row, 'new');
          await rejection(rows.insert(rows.make({ id, name: 'twin' })), 'inserting a key that is taken');
        }),
      ]);
      const name = await context.storedName(id);
      assert.ok(name && ['new', 'content of old.txt'].includes(await context.text(name)));
    },
  },
  {
    id: 'T8.insert-and-remove',
    title: 'a row inserted and removed in one transaction leaves nothing',
    async run(context) {
      await context.subject.transaction(async rows => {
        const row = rows.make({ name: 'brief' });
        context.subject.assign(row, file('brief', 'brief.txt'));
        const { id } = await rows.insert(row);
        await rows.remove(await context.find(id, rows));
      });
      assert.deepEqual(await context.other.rows(), []);
    },
  },
  {
    id: 'T8.retried',
    title: 'a transaction that is tried again stores its file once, also one that can be read once',
    async run(context) {
      context.needs('retries');
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      context.subject.assign(row, file(new Response('once').body ?? '', 'once.txt'));
      await upload(row);
      const creates = context.calls.filter(({ operation }) => operation === 'create').length;
      let attempts = 0;
      await context.subject.transaction(
        async rows => {
          await rows.save(row, { name: 'renamed' });
          if (++attempts < 3) throw serializationFailure();
        },
        { attempts: 3 },
      );
      assert.equal(attempts, 3);
      assert.equal(context.calls.filter(({ operation }) => operation === 'create').length, creates);
      await context.storedText(id, 'once');
      assert.equal((await context.stored(id)).name, 'renamed');
    },
  },
  {
    id: 'T8.retried-work',
    title: 'what a transaction does itself is done again when it is tried again, and left once',
    async run(context) {
      context.needs('retries', 'save-in-transaction');
      const [one, two] = [await context.document('one.txt'), await context.document('two.txt')];
      const removed = await context.document('removed.txt');
      const [inPlace, assigned, gone] = [
        await context.find(one.id),
        await context.find(two.id),
        await context.find(removed.id),
      ];
      let attempts = 0;
      await context.subject.transaction(
        async rows => {
          attempts++;
          await context.file(inPlace).save('first', { name: 'first.txt' });
          await context.file(inPlace).save(`attempt ${attempts}`, { name: 'second.txt' });
          await replace(context, rows, assigned, `attempt ${attempts}`);
          await rows.remove(gone);
          if (attempts < 3) throw serializationFailure();
        },
        { attempts: 3 },
      );
      await context.storedText(one.id, 'attempt 3');
      await context.storedText(two.id, 'attempt 3');
      assert.equal((await context.other.rows()).length, 2);
    },
  },
  {
    id: 'T8.rollback-assigned-twice',
    title: 'after the rollback of two assignments to one row object it has its old file',
    async run(context) {
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      const oldName = context.file(row).name;
      await rolledBack(context, async rows => {
        await replace(context, rows, row, 'one');
        await replace(context, rows, row, 'two');
      });
      assert.equal(await context.storedName(id), oldName);
      await context.agrees();
      context.subject.assign(row, null);
      await context.subject.save(row, {});
      assert.equal(await context.storedName(id), null);
    },
  },
  {
    id: 'T8.retries-exhausted',
    title: 'a transaction that is tried in vain leaves the old file',
    async run(context) {
      context.needs('retries');
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      const error = await rejection(
        context.subject.transaction(
          async rows => {
            await replace(context, rows, row, 'new');
            throw serializationFailure();
          },
          { attempts: 2 },
        ),
        'the transaction',
      );
      assert.match(String(error), /serialize/);
      await context.storedText(id, 'content of old.txt');
    },
  },
  {
    id: 'T8.savepoint-rolled-back',
    title: 'a savepoint rolled back in a transaction that commits takes back its own file only',
    async run(context) {
      context.needs('savepoints');
      const [one, two] = [await context.document('one.txt'), await context.document('two.txt')];
      await context.subject.transaction(async rows => {
        await replace(context, rows, await context.find(one.id, rows), 'kept');
        await abandoned(
          context.savepoint(rows, async inner => {
            await replace(context, inner, await context.find(one.id, inner), 'undone');
            await replace(context, inner, await context.find(two.id, inner), 'undone too');
            throw new Abandoned();
          }),
        );
      });
      await context.storedText(one.id, 'kept');
      await context.storedText(two.id, 'content of two.txt');
    },
  },
  {
    id: 'T8.savepoint-released',
    title: 'a savepoint released in a transaction that rolls back is undone with it',
    async run(context) {
      context.needs('savepoints');
      const { id } = await context.document('old.txt');
      await rolledBack(context, async rows => {
        await context.savepoint(rows, async inner =>
          replace(context, inner, await context.find(id, inner), 'released'),
        );
        await replace(context, rows, await context.find(id, rows), 'after');
      });
      await context.storedText(id, 'content of old.txt');
    },
  },
  {
    id: 'T8.savepoint-remove',
    title: 'the object of a row whose removal is rolled back to a savepoint stays',
    async run(context) {
      context.needs('savepoints');
      const [one, two] = [await context.document('one.txt'), await context.document('two.txt')];
      await context.subject.transaction(async rows => {
        await abandoned(
          context.savepoint(rows, async inner => {
            await inner.remove(await context.find(one.id, inner));
            throw new Abandoned();
          }),
        );
        await context.savepoint(rows, async inner => inner.remove(await context.find(two.id, inner)));
      });
      assert.deepEqual(
        (await context.other.rows()).map(({ id }) => id),
        [one.id],
      );
    },
  },
  {
    id: 'T8.savepoint-in-savepoint',
    title: 'savepoints within savepoints each take back their own files',
    async run(context) {
      context.needs('savepoints');
      const { id } = await context.document('old.txt');
      await context.subject.transaction(async rows => {
        await context.savepoint(rows, async inner => {
          await replace(context, inner, await context.find(id, inner), 'kept');
          await abandoned(
            context.savepoint(inner, async innermost => {
              await replace(context, innermost, await context.find(id, innermost), 'undone');
              throw new Abandoned();
            }),
          );
        });
      });
      await context.storedText(id, 'kept');
    },
  },
  {
    id: 'T8.commit-refused',
    title: 'a COMMIT that the database refuses leaves the old file',
    async run(context) {
      context.needs('deferred-constraints');
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      await rejection(
        context.subject.transaction(async rows => {
          await replace(context, rows, row, 'new');
          await rows.insert(rows.make({ name: 'orphan', parent: 4711 }));
        }),
        'the transaction',
      );
      await context.recover();
      await context.storedText(id, 'content of old.txt');
    },
  },
  ...(['before', 'after'] as const).map(
    (when): BindingBehaviour => ({
      id: `T8.commit-lost-${when}`,
      title: `of a COMMIT without a verdict neither object is touched, and recovery decides (lost ${when} the server had it)`,
      async run(context) {
        context.needs('lost-commit', 'journal');
        const { id } = await context.document('old.txt');
        const removed = await context.document('removed.txt');
        const row = await context.find(id);
        const removedRow = await context.find(removed.id);
        await rejection(
          context.subject.transaction(async rows => {
            await replace(context, rows, row, 'new');
            await rows.remove(removedRow);
            context.offered(context.subject.loseCommit, 'loseCommit').call(context.subject, when);
          }),
          'the transaction',
        );
        assert.equal((await context.objects()).length, 3, 'an object was touched');
        await context.recover();
        const committed = when === 'after';
        await context.storedText(id, committed ? 'new' : 'content of old.txt');
        assert.equal((await context.other.rows()).length, committed ? 1 : 2);
      },
    }),
  ),
];
