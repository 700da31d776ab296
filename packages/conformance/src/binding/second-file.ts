import assert from 'node:assert/strict';
import { file } from '@fieldfile/core';
import { rejection, turn } from '../storage/assertions.ts';
import type { BindingBehaviour, BindingContext } from './context.ts';
import type { DocumentRow, FileColumn } from './options.ts';
import { brokenContent } from './steps.ts';

const ORDERS: readonly (readonly [FileColumn, FileColumn])[] = [
  ['avatar', 'cover'],
  ['cover', 'avatar'],
];

/** T12: what a call stored is taken back when the call fails, all of it. */
export const secondFile: readonly BindingBehaviour[] = [
  {
    id: 'T12.two-files',
    title: 'a row with two files is inserted, updated and removed with both',
    async run(context) {
      const row = context.subject.make({ name: 'two' });
      for (const column of ['avatar', 'cover'] as const)
        context.subject.assign(row, file(`old ${column}`, 'old.txt'), column);
      const { id } = await context.subject.insert(row);
      await texts(context, id, 'old');
      const loaded = await context.find(id);
      for (const column of ['avatar', 'cover'] as const)
        context.subject.assign(loaded, file(`new ${column}`, 'new.txt'), column);
      await context.subject.save(loaded, {});
      await texts(context, id, 'new');
      await context.file(loaded, 'cover').save('newer', { name: 'newer.txt' });
      assert.equal(await context.text((await context.stored(id)).cover ?? ''), 'newer');
      await context.subject.remove(await context.find(id));
      assert.deepEqual(await context.objects(), []);
    },
  },
  {
    id: 'T12.second-file-insert',
    title:
      'an insert of two files of which one fails leaves nothing of the other, and works when it is right',
    async run(context) {
      for (const [right, broken] of ORDERS) {
        const row = context.subject.make({ name: 'two' });
        await oneBreaks(context, row, right, broken, () => context.subject.insert(row));
        assert.deepEqual(await context.other.rows(), []);
        await context.agrees();
        for (const column of [right, broken])
          context.subject.assign(row, file(`new ${column}`, 'new.txt'), column);
        const { id } = await context.subject.insert(row);
        await texts(context, id, 'new');
        await context.subject.remove(await context.find(id));
      }
    },
  },
  {
    id: 'T12.second-file-update',
    title: 'a save of two files of which one fails leaves both old files, and works when it is right',
    async run(context) {
      for (const [right, broken] of ORDERS) {
        const { id } = await context.document('old.txt');
        const row = await context.find(id);
        const before = await context.stored(id);
        await oneBreaks(context, row, right, broken, () => context.subject.save(row, { name: 'renamed' }));
        assert.deepEqual(await context.stored(id), before);
        await context.agrees();
        for (const column of [right, broken])
          context.subject.assign(row, file(`new ${column}`, 'new.txt'), column);
        await context.subject.save(row, {});
        await texts(context, id, 'new');
      }
    },
  },
  {
    id: 'T12.second-file-caught',
    title: 'a transaction that catches the failure of one of two files commits without either',
    async run(context) {
      for (const [right, broken] of ORDERS) {
        const { id } = await context.document('old.txt');
        const before = await context.stored(id);
        await context.subject.transaction(async rows => {
          const row = await context.find(id, rows);
          await oneBreaks(context, row, right, broken, () => rows.save(row, {}));
          const inserted = rows.make({ name: 'two' });
          await oneBreaks(context, inserted, right, broken, () => rows.insert(inserted));
        });
        assert.deepEqual(await context.other.rows(), [before]);
        await context.subject.remove(await context.find(id));
      }
    },
  },
];

/** Assigns a file and one that breaks off once the first is stored. The call must reject with the latter's error. */
async function oneBreaks(
  context: BindingContext,
  row: DocumentRow,
  right: FileColumn,
  broken: FileColumn,
  call: () => Promise<unknown>,
): Promise<void> {
  const before = (await context.objects()).length;
  const content = brokenContent(new Error('the source broke'), () =>
    context.soon(stored(context, before + 1), 'storing the other file'),
  );
  context.subject.assign(row, file(`never ${right}`, 'right.txt'), right);
  context.subject.assign(row, file(content, 'broken.txt'), broken);
  assert.match(String(await rejection(call, 'the call')), /the source broke/);
}

/** Waits until there are so many objects, or for a while: a binding may store one file after another. */
async function stored(context: BindingContext, count: number): Promise<void> {
  for (let index = 0; index < 50 && (await context.objects()).length < count; index++) await turn();
}

async function texts(context: BindingContext, id: number, what: string): Promise<void> {
  const row = await context.stored(id);
  for (const column of ['avatar', 'cover'] as const) {
    assert.ok(row[column], `row ${id} names no ${column}`);
    assert.equal(await context.text(row[column]), `${what} ${column}`);
  }
}
