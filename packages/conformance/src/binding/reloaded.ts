import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { file, noFile, upload } from '@fieldfile/core';
import { Skip } from '../contract/behaviour.ts';
import type { BindingBehaviour, BindingContext } from './context.ts';
import type { DocumentRow } from './options.ts';

/** O1: a row object that its ORM loads again is as its row, and its files with it. */
export const reloaded: readonly BindingBehaviour[] = [
  {
    id: 'O1.reloaded',
    title: 'a row object that is loaded again shows its row, and what was assigned is dropped',
    async run(context) {
      const reload = reloading(context);
      const { id } = await context.document('a.txt');
      const [name, row] = [await context.storedName(id), await context.find(id)];
      const handle = context.file(row);
      for (const input of [file('new', 'new.txt'), noFile]) {
        context.subject.assign(row, input);
        await reload(row);
        assert.deepEqual([handle.name, handle.pending], [name, false]);
        assert.equal(context.file(row), handle);
      }
      await context.subject.save(row, { name: 'renamed' });
      await context.storedText(id, 'content of a.txt');
    },
  },
  {
    id: 'O1.reloaded-upload',
    title: 'what was stored for a row object that is loaded again instead of saved is taken back',
    async run(context) {
      const reload = reloading(context);
      const { id } = await context.document('a.txt');
      const row = await context.find(id);
      context.subject.assign(row, file('new', 'new.txt'));
      await upload(row);
      await reload(row);
      assert.equal(context.file(row).name, await context.storedName(id));
      await agreesSoon(context);
    },
  },
  {
    id: 'O1.reloaded-other',
    title: 'a row object that is loaded again shows what somebody else has stored, and can be saved',
    async run(context) {
      const reload = reloading(context);
      const { id } = await context.document('a.txt');
      const row = await context.find(id);
      context.subject.assign(row, file('mine', 'mine.txt'));
      await context.file(await context.find(id)).save('theirs', { name: 'theirs.txt' });
      await reload(row);
      assert.equal(context.file(row).name, await context.storedName(id));
      await context.file(row).save('mine', { name: 'mine.txt' });
      await context.storedText(id, 'mine');
    },
  },
];

/** Waits for a while until rows and objects agree: nobody is told when what was dropped is taken back. */
export async function agreesSoon(
  context: BindingContext,
  { recovers = false }: { readonly recovers?: boolean } = {},
): Promise<void> {
  for (let turns = 0; turns < 200; turns++) {
    if (recovers) await context.recover();
    const agreed = await context.agrees().then(
      () => true,
      () => false,
    );
    if (agreed) return;
    await turn();
  }
  await context.agrees();
}

/** @throws Skip where the ORM has no such call. */
function reloading({ subject }: BindingContext): (row: DocumentRow) => Promise<void> {
  if (!subject.reload) throw new Skip('row objects are not loaded again');
  return subject.reload.bind(subject);
}
