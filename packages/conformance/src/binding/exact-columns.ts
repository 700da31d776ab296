import assert from 'node:assert/strict';
import { file } from '@fieldfile/core';
import { rejection } from '../storage/assertions.ts';
import type { BindingBehaviour, BindingContext } from './context.ts';
import type { DocumentRow, FileColumn } from './options.ts';

/** What a column's own equality may take for the same. */
const TWINS = [
  ['docs/x.txt', 'docs/X.txt'],
  ['docs/end', 'docs/end '],
] as const;

const COLUMNS: readonly FileColumn[] = ['avatar', 'cover'];

/** T9, T13: compare-and-set asks for the very text, whatever the column's own equality takes for the same. */
export const exactColumns: readonly BindingBehaviour[] = COLUMNS.flatMap(column => [
  stale(`T9.twin-assigned-${column}`, column, 'saving a row object with an assigned file', (context, row) => {
    context.subject.assign(row, file('stale', 'stale.txt'), column);
    return context.subject.save(row, {});
  }),
  stale(
    `T9.twin-emptied-${column}`,
    column,
    'saving a row object whose file was taken away',
    (context, row) => {
      context.subject.assign(row, null, column);
      return context.subject.save(row, {});
    },
  ),
  stale(`T9.twin-deleted-${column}`, column, 'deleting a file', (context, row) =>
    context.file(row, column).delete(),
  ),
  stale(`T13.twin-${column}`, column, 'replacing a file in place', async (context, row) => {
    await context.file(row, column).stored?.replace('stale');
  }),
]);

function stale(
  id: string,
  column: FileColumn,
  what: string,
  write: (context: BindingContext, row: DocumentRow) => Promise<void>,
): BindingBehaviour {
  return {
    id,
    title: `${what} in ${column} is refused where the row has another name by now, though the database may think that it is the same`,
    async run(context) {
      for (const [name, twin] of TWINS) {
        for (const one of [name, twin]) await context.storage.save(one, one);
        const row = await context.find(await context.other.insert({ name, [column]: name }));
        context.file(row, column);
        await context.other.update(row.id, { [column]: twin });
        await rejection(write(context, row), `writing over ${twin}`); // each library has an error of its own
        assert.equal((await context.stored(row.id))[column], twin);
        for (const one of [name, twin]) assert.equal(await context.text(one), one);
        for (const object of await context.objects())
          assert.ok(object === name || object === twin, `${object} is no row's`);
        await context.other.remove(row.id);
        for (const one of [name, twin]) await context.storage.delete(one);
      }
    },
  };
}
