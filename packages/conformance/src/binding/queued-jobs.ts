import assert from 'node:assert/strict';
import { type FileReference, file, upload } from '@fieldfile/core';
import type { EnqueueDerived } from '@fieldfile/core/derived';
import { rejection } from '../storage/assertions.ts';
import type { BindingBehaviour, BindingContext } from './context.ts';
import { serializationFailure } from './steps.ts';

/** What was told after commits, in every run of these behaviours: files of one run have a name of its own. */
const told: FileReference[] = [];

const enqueue: EnqueueDerived = async (job, { execute, afterCommit }) => {
  if (job.name?.includes('refused')) throw new Error('The queue takes no more.');
  const answer = await execute?.('SELECT 1 AS one', []);
  if (answer) assert.equal(Number(answer.rows[0]?.one), 1);
  afterCommit(() => void told.push(JSON.parse(JSON.stringify(job))));
};

/** I2: work on a row's file is handed on with the row's commit, and never for a row that was rolled back. */
export const queuedJobs: readonly BindingBehaviour[] = [
  queued({
    id: 'I2.queued-committed',
    title: 'work is handed on for each file that a row gets, once, with the row’s key and the file’s name',
    async run(context) {
      const name = ownName();
      const { id } = await context.document(name);
      await isTold(context, name, [id]);
      const assigned = await context.find(id);
      context.subject.assign(assigned, file('another', name));
      await context.subject.save(assigned, {});
      await isTold(context, name, [id, id]);
      const handle = context.file(await context.find(id));
      await handle.save('a third', { name });
      await isTold(context, name, [id, id, id]);
      await handle.stored?.replace('other bytes');
      await isTold(context, name, [id, id, id, id]);
      await context.subject.save(await context.find(id), { name: 'renamed' });
      await context.file(await context.find(id)).delete();
      await context.subject.remove(await context.find((await context.document()).id));
      assert.equal(toldOf(name).length, 4, 'work was handed on for a row that got no file');
    },
  }),
  queued({
    id: 'I2.queued-in-transaction',
    title: 'work waits for the commit of the transaction, and a rollback forgets it',
    async run(context) {
      context.needs('save-in-transaction');
      const name = ownName();
      const row = await context.find((await context.document()).id);
      const handle = context.file(row);
      await context.subject.transaction(async () => {
        await handle.save('one', { name });
        assert.deepEqual(toldOf(name), [], 'work was handed on before the commit');
      });
      await isTold(context, name, [row.id]);
      const other = ownName();
      const rolledBack = context.subject.transaction(async rows => {
        const found = await context.find(row.id, rows);
        context.subject.assign(found, file('two', other));
        await rows.save(found, {});
        throw new Error('rolled back');
      });
      await rejection(rolledBack, 'the transaction');
      assert.deepEqual(toldOf(other), [], 'work was handed on for a row that was rolled back');
    },
  }),
  queued({
    id: 'I2.queued-in-savepoint',
    title: 'a savepoint that is rolled back forgets its own work only',
    async run(context) {
      context.needs('savepoints');
      const [kept, lost] = [ownName(), ownName()];
      const one = await context.document();
      const other = await context.document();
      await context.subject.transaction(async rows => {
        const row = await context.find(one.id, rows);
        context.subject.assign(row, file('kept', kept));
        await rows.save(row, {});
        const rolledBack = context.savepoint(rows, async inner => {
          const within = await context.find(other.id, inner);
          context.subject.assign(within, file('lost', lost));
          await inner.save(within, {});
          throw new Error('rolled back');
        });
        await rejection(rolledBack, 'the savepoint');
      });
      await isTold(context, kept, [one.id]);
      assert.deepEqual(toldOf(lost), [], 'work was handed on for a savepoint that was rolled back');
    },
  }),
  queued({
    id: 'I2.queued-retried',
    title: 'of a transaction that is tried again, the attempt that commits hands on work',
    async run(context) {
      context.needs('retries');
      const name = ownName();
      const { id } = await context.document();
      let attempts = 0;
      await context.subject.transaction(
        async rows => {
          const row = await context.find(id, rows);
          context.subject.assign(row, file(`attempt ${++attempts}`, name));
          await rows.save(row, {});
          if (attempts < 3) throw serializationFailure();
        },
        { attempts: 3 },
      );
      await isTold(context, name, [id]);
    },
  }),
  queued({
    id: 'I2.queued-refused',
    title: 'where work cannot be handed on, the row keeps the file it has, and nothing stays of the other',
    async run(context) {
      context.needs('waiting-transactions');
      const { id } = await context.document('kept.txt');
      const assigned = await context.find(id);
      context.subject.assign(assigned, file('lost', 'refused.txt'));
      await rejection(context.subject.save(assigned, {}), 'the save');
      const handle = context.file(await context.find(id));
      await rejection(handle.save('lost', { name: 'refused.txt' }), 'the save of the handle');
      await rejection(context.document('refused.txt'), 'the insert');
      await context.storedText(id, 'content of kept.txt');
      assert.equal((await context.other.rows()).length, 1);
      await context.agrees();
    },
  }),
  queued({
    id: 'I2.queued-synchronous',
    title: 'a transaction that cannot wait hands on work after its commit, and none when it is rolled back',
    async run(context) {
      const { synchronous } = context;
      const name = ownName();
      const row = await context.find((await context.document()).id);
      context.subject.assign(row, file('one', name));
      await upload(row);
      assert.throws(
        () =>
          synchronous.transaction(rows => {
            rows.save(row, {});
            throw new Error('rolled back');
          }),
        /rolled back/,
      );
      await synchronous.settled();
      assert.deepEqual(toldOf(name), [], 'work was handed on for a row that was rolled back');
      await upload(row);
      synchronous.transaction(rows => rows.save(row, {}));
      await synchronous.settled();
      await isTold(context, name, [row.id]);
    },
  }),
];

function queued(behaviour: BindingBehaviour): BindingBehaviour {
  return { ...behaviour, field: { derived: { kinds: {}, enqueue } } };
}

const ownName = (): string => `${crypto.randomUUID().slice(0, 13)}.txt`;

const toldOf = (name: string): readonly FileReference[] =>
  told.filter(job => job.name?.startsWith(name.slice(0, 13)));

/** @throws AssertionError unless work was handed on for files of that name of these rows; the last has its file still. */
async function isTold(context: BindingContext, name: string, ids: readonly number[]): Promise<void> {
  const jobs = toldOf(name);
  const keys = jobs.map(({ key }) => Number(Object.values(key ?? {})[0]));
  assert.deepEqual(keys, ids, 'work was handed on for other rows');
  const last = jobs.at(-1);
  assert.equal(last?.name, await context.storedName(ids.at(-1) ?? 0));
  const field = context.subject.fields?.find(({ label }) => label === `${last?.model}.${last?.field}`);
  if (field && last) assert.equal(field.revive(last).name, last.name);
}
