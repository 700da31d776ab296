import assert from 'node:assert/strict';
import {
  adopt,
  type Compute,
  FieldFileError,
  type FieldOptions,
  file,
  isFieldFileError,
} from '@fieldfile/core';
import { rejection, rejectsWith } from '../storage/assertions.ts';
import type { BindingBehaviour, BindingContext } from './context.ts';
import type { DocumentRow } from './options.ts';

/** The number that content begins with, as an image's header has its width: `12 apples`. */
const numberOf: Compute = async (content, { field }) => {
  for await (const chunk of content) {
    const [, found] = /^(\d+) /.exec(new TextDecoder().decode(chunk)) ?? [];
    if (found !== undefined) return { number: Number(found) };
  }
  throw new FieldFileError('not-accepted', `${field} takes what begins with a number.`);
};

/** A column that every row of the contract's table has, and not every row object's type. */
const COMPUTED: FieldOptions<DocumentRow> = {
  computed: { columns: { number: 'size' as 'id' }, compute: numberOf },
};

/** I1: a column that is computed of the content while it is stored is true of the file that the row has, or null. */
export const computedColumns: readonly BindingBehaviour[] = [
  computed({
    id: 'I1.computed-insert',
    title: 'a column that is computed of the content is written with the row, and reading it asks no storage',
    async run(context) {
      const { id } = await numbered(context, 12);
      const calls = context.calls.length;
      await tells(context, id, 12);
      await context.find(id);
      assert.equal(context.calls.length, calls, 'the storage was called');
      await tells(context, (await context.document()).id, null);
    },
  }),
  computed({
    id: 'I1.computed-save',
    title: 'a computed column follows saves, replacements and the file’s end',
    async run(context) {
      const { id } = await numbered(context, 1);
      const handle = context.file(await context.find(id));
      await handle.save('2 pears', { name: 'pears.txt' });
      await tells(context, id, 2);
      await handle.stored?.replace('3 plums');
      await tells(context, id, 3);
      await handle.stored?.replace(streamOf('4 ', 'figs'));
      await tells(context, id, 4);
      await handle.delete();
      await tells(context, id, null);
      await context.agrees();
    },
  }),
  computed({
    id: 'I1.computed-stream',
    title: 'a stream that is read once is stored whole, and its column is computed meanwhile',
    async run(context) {
      const row = context.subject.make({ name: 'a document' });
      context.subject.assign(row, file(streamOf('5 ', 'apples', ' and', ' more'), 'apples.txt'));
      const { id } = await context.subject.insert(row);
      await tells(context, id, 5);
      await context.storedText(id, '5 apples and more');
    },
  }),
  computed({
    id: 'I1.computed-assigned',
    title: 'the next save of a row writes the computed column of the file that was assigned',
    async run(context) {
      const row = await context.find((await numbered(context, 6)).id);
      context.subject.assign(row, file('7 apples', 'seven.txt'));
      await context.subject.save(row, { name: 'renamed' });
      await tells(context, row.id, 7);
      const again = await context.find(row.id);
      context.subject.assign(again, null);
      await context.subject.save(again, { name: 'renamed again' });
      await tells(context, row.id, null);
    },
  }),
  computed({
    id: 'I1.computed-copied',
    title: 'a copy of another row’s file has a computed column of its own',
    async run(context) {
      const one = await context.find((await numbered(context, 8)).id);
      const other = await context.find((await numbered(context, 9)).id);
      context.subject.assign(other, context.file(one));
      await context.subject.save(other, {});
      await tells(context, other.id, 8);
      await context.agrees();
    },
  }),
  computed({
    id: 'I1.computed-adopted',
    title:
      'the computed column of an object that is adopted is read from it; one that is not taken is refused',
    async run(context) {
      for (const [name, text] of [
        ['ten.txt', '10 apples'],
        ['none.txt', 'no apples'],
      ] as const)
        await context.storage.save(name, text);
      const row = await context.find((await numbered(context, 1)).id);
      context.subject.assign(row, adopt('ten.txt'));
      await context.subject.save(row, {});
      await tells(context, row.id, 10);
      const again = await context.find(row.id);
      context.subject.assign(again, adopt('none.txt'));
      await rejectsWith('not-accepted', context.subject.save(again, { name: 'renamed' }));
      await tells(context, row.id, 10);
      assert.deepEqual(await context.objects(), ['none.txt', 'ten.txt']);
      await context.storage.delete('none.txt');
      await context.agrees();
    },
  }),
  computed({
    id: 'I1.computed-staged',
    title: 'a staged file brings its computed column, also from another process',
    async run(context) {
      const [field] = context.subject.fields ?? [];
      assert.ok(field, 'the subject has no fields');
      const staged = await field.stage('11 apples', { name: 'eleven.txt' });
      const row = await context.find((await numbered(context, 1)).id);
      const sent = JSON.parse(JSON.stringify(staged.staged));
      context.subject.assign(row, context.subject.journal ? field.restage(sent) : staged);
      await context.subject.save(row, {});
      await tells(context, row.id, 11);
    },
  }),
  computed({
    id: 'I1.computed-refused',
    title:
      'content that the computation refuses is not stored, whole or as a stream, and the row keeps its file',
    async run(context) {
      const { id } = await numbered(context, 12);
      const row = await context.find(id);
      for (const content of ['apples', streamOf('no', ' apples'), ''])
        await rejectsWith('not-accepted', context.file(row).save(content, { name: 'apples.txt' }));
      await rejectsWith('not-accepted', Promise.resolve(context.file(row).stored?.replace('apples')));
      await tells(context, id, 12);
      const broken = new ReadableStream<Uint8Array>({
        pull: controller => controller.error(new Error('the source broke')),
      });
      const error = await rejection(context.file(row).save(broken, { name: 'broken.txt' }), 'the save');
      assert.match(String(error), /the source broke/);
      await context.agrees();
    },
  }),
  computed({
    id: 'I1.computed-rolled-back',
    title: 'a rollback brings the computed column of the row object back with the file',
    async run(context) {
      context.needs('save-in-transaction');
      const row = await context.find((await numbered(context, 13)).id);
      const saved = context.subject.transaction(async () => {
        await context.file(row).save('14 apples', { name: 'fourteen.txt' });
        throw new Error('rolled back');
      });
      const error = await rejection(saved, 'the transaction');
      assert.ok(!isFieldFileError(error), String(error));
      await tells(context, row.id, 13);
      await context.agrees();
    },
  }),
];

function computed(behaviour: BindingBehaviour): BindingBehaviour {
  return { ...behaviour, field: COMPUTED };
}

async function numbered(context: BindingContext, number: number): Promise<DocumentRow> {
  const row = context.subject.make({ name: 'a document' });
  context.subject.assign(row, file(`${number} apples`, `${number}.txt`));
  return context.subject.insert(row);
}

/** @throws AssertionError unless the database's row has that number. */
async function tells(context: BindingContext, id: number, number: number | null): Promise<void> {
  assert.equal((await context.stored(id)).size, number, 'the computed column');
}

async function* streamOf(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield new TextEncoder().encode(part);
}
