import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnyFileField, StagedFile, StageOptions } from '@fieldfile/core';
import { rejectsWith } from '../storage/assertions.ts';
import type { BindingBehaviour, BindingContext } from './context.ts';

/** H3: what is stored before its row is known becomes one row's, or ends with its time. */
export const stagedFiles: readonly BindingBehaviour[] = [
  {
    id: 'H3.staged-insert',
    title: 'a new row takes a staged file, and no byte moves again',
    async run(context) {
      const staged = await stage(context);
      const made = () => context.calls.filter(({ operation }) => /create|copy/.test(operation)).length;
      const before = made();
      const row = context.subject.make({ name: 'a document' });
      context.subject.assign(row, staged);
      const { id } = await context.subject.insert(row);
      assert.equal(made(), before);
      assert.equal(await context.storedName(id), staged.staged.name);
      await context.storedText(id, 'staged');
      await context.agrees();
    },
  },
  {
    id: 'H3.staged-update',
    title: 'a row that has a file takes a staged one instead, and the old object goes',
    async run(context) {
      const row = await context.find((await context.document('old.txt')).id);
      context.subject.assign(row, await stage(context));
      await context.subject.save(row, { name: 'renamed' });
      await context.storedText(row.id, 'staged');
      await context.agrees();
    },
  },
  {
    id: 'H3.staged-elsewhere',
    title: 'another process makes the staged file of its plain data, and one row takes it',
    async run(context) {
      context.needs('journal');
      const { staged } = await stage(context);
      const field = fieldOf(context);
      const sent = JSON.parse(JSON.stringify(staged));
      const [one, other] = [(await context.document()).id, (await context.document('other.txt')).id];
      const first = await context.find(one);
      context.subject.assign(first, field.restage(sent));
      await context.subject.save(first, {});
      const second = await context.find(other);
      context.subject.assign(second, field.restage(sent));
      await rejectsWith('intent-lost', context.subject.save(second, {}));
      await context.storedText(one, 'staged');
      await context.storedText(other, 'content of other.txt');
      await context.agrees();
    },
  },
  {
    id: 'H3.staged-raced',
    title: 'of many rows that are given one staged file at once one gets it',
    async run(context) {
      context.needs('journal');
      const { staged } = await stage(context);
      const racing = Array.from({ length: 12 }, async (_, index) => {
        const row = context.subject.make({ name: `rival ${index}` });
        context.subject.assign(row, fieldOf(context).restage(staged));
        return (await context.subject.insert(row)).id;
      });
      const outcomes = await Promise.allSettled(racing);
      const made = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      assert.equal(made.length, 1, `${made.length} rows have it`);
      for (const id of made) await context.storedText(id, 'staged');
      await context.recover();
      await context.agrees();
    },
  },
  {
    id: 'H3.staged-rolled-back',
    title: 'a rollback leaves a staged file to wait for another try, and recovery leaves it alone',
    async run(context) {
      const staged = await stage(context);
      const { id } = await context.document('old.txt');
      const rollback = new Error('rolled back');
      const work = context.subject.transaction(async rows => {
        const row = await context.find(id, rows);
        context.subject.assign(row, staged);
        await rows.save(row, {});
        throw rollback;
      });
      await assert.rejects(work, error => error === rollback);
      await context.recover();
      assert.deepEqual(await context.text(staged.staged.name), 'staged');
      await context.storedText(id, 'content of old.txt');
      const entries = (await context.subject.journal?.entries()) ?? [];
      assert.deepEqual(
        entries.map(({ state }) => state),
        entries.map(() => 'open'),
      );
      if (!context.subject.journal) return;
      const row = await context.find(id);
      context.subject.assign(row, fieldOf(context).restage(staged.staged));
      await context.subject.save(row, {});
      await context.storedText(id, 'staged');
      await context.agrees();
    },
  },
  {
    id: 'H3.staged-too-late',
    title: 'when its time is over recovery takes a staged file back, and no row gets it any more',
    async run(context) {
      context.needs('journal');
      const staged = await stage(context, { keepSeconds: 0.05 });
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      context.subject.assign(row, staged);
      await sleep(100);
      await context.recover();
      await rejectsWith('intent-lost', context.subject.save(row, { name: 'renamed' }));
      await context.storedText(id, 'content of old.txt');
      await context.agrees();
    },
  },
  {
    id: 'H3.staged-unused',
    title: 'a staged file that nobody assigned is taken back when it is disposed of',
    async run(context) {
      const staged = await stage(context);
      await staged[Symbol.asyncDispose]();
      await staged.undo();
      await context.agrees();
    },
  },
  {
    id: 'H3.staged-lost-row',
    title: 'a staged file is there for another row when the first one turns out to be gone',
    async run(context) {
      context.needs('journal');
      const staged = await stage(context);
      const gone = await context.find((await context.document()).id);
      context.subject.assign(gone, staged);
      await context.other.remove(gone.id);
      const isInsertedAnew = await context.subject.save(gone, { name: 'renamed' }).then(
        () => true,
        () => false,
      );
      if (isInsertedAnew) return context.agrees(); // it is that row's now
      const row = await context.find((await context.document()).id);
      context.subject.assign(row, fieldOf(context).restage(staged.staged));
      await context.subject.save(row, {});
      await context.storedText(row.id, 'staged');
      await context.agrees();
    },
  },
];

export function stage(context: BindingContext, options: StageOptions = {}): Promise<StagedFile> {
  return fieldOf(context).stage('staged', { name: 'staged.txt', ...options });
}

export function fieldOf({ subject }: BindingContext): AnyFileField {
  const field = subject.fields?.find(({ name }) => name === 'avatar');
  assert.ok(field, 'the subject names no field `avatar`');
  return field;
}
