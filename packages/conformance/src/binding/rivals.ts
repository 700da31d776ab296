import assert from 'node:assert/strict';
import { file } from '@fieldfile/core';
import { rejectsWith } from '../storage/assertions.ts';
import type { BindingBehaviour } from './context.ts';

/** T9: others change the same row meanwhile. */
export const rivals: readonly BindingBehaviour[] = [
  {
    id: 'T9.concurrent-saves',
    title: 'of two who replace one file in place one wins, and the other leaves nothing',
    async run(context) {
      const { id } = await context.document('old.txt');
      const handles = [context.file(await context.find(id)), context.file(await context.find(id))];
      const outcomes = await Promise.allSettled(
        handles.map((handle, index) => handle.save(`rival ${index}`, { name: `${index}.txt` })),
      );
      const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
      assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
      await context.storedText(id, `rival ${winner}`);
    },
  },
  {
    id: 'T9.concurrent-assignments',
    title: 'of two rows saved at once with a file each, one file is left',
    async run(context) {
      const { id } = await context.document('old.txt');
      const loaded = [await context.find(id), await context.find(id)];
      for (const [index, row] of loaded.entries())
        context.subject.assign(row, file(`rival ${index}`, `${index}.txt`));
      const outcomes = await Promise.allSettled(loaded.map(row => context.subject.save(row, {})));
      assert.ok(
        outcomes.some(({ status }) => status === 'fulfilled'),
        'nobody won',
      );
      assert.match(await context.text((await context.storedName(id)) ?? ''), /^rival \d$/);
    },
  },
  {
    id: 'T9.stale-save',
    title: 'handle.save and handle.replace of a row that has another file meanwhile are conflicts',
    async run(context) {
      const { id } = await context.document('old.txt');
      const [stale, fresh] = [await context.find(id), await context.find(id)];
      const handle = context.file(stale);
      await context.file(fresh).save('new', { name: 'new.txt' });
      await rejectsWith('conflict', handle.save('stale', { name: 'stale.txt' }));
      await rejectsWith('conflict', Promise.resolve(handle.stored?.replace('stale')));
      await context.storedText(id, 'new');
    },
  },
  {
    id: 'T9.stale-assignment',
    title: 'an assignment to a row that has another file meanwhile leaves one file, whoever wins',
    async run(context) {
      const { id } = await context.document('old.txt');
      const [stale, fresh] = [await context.find(id), await context.find(id)];
      context.subject.assign(stale, file('stale', 'stale.txt'));
      await context.file(fresh).save('new', { name: 'new.txt' });
      const [outcome] = await Promise.allSettled([context.subject.save(stale, {})]);
      await context.storedText(id, outcome?.status === 'fulfilled' ? 'stale' : 'new');
    },
  },
  {
    id: 'T9.row-gone',
    title: 'handle.save and handle.delete of a row that somebody removed are conflicts, with nothing stored',
    async run(context) {
      const { id } = await context.document();
      const withFile = await context.document('a.txt');
      const handle = context.file(await context.find(id));
      const deleted = context.file(await context.find(withFile.id));
      await context.other.remove(id);
      await rejectsWith('conflict', handle.save('x', { name: 'x.txt' }));
      assert.equal(handle.name, null);
      await context.other.remove(withFile.id);
      await rejectsWith('conflict', deleted.delete());
      await context.storage.delete(deleted.name ?? ''); // what another client removes is sweep's to find
    },
  },
  {
    id: 'T9.row-gone-assignment',
    title: 'saving a row that somebody removed is refused or inserts it: no object without a row',
    async run(context) {
      const { id } = await context.document();
      const row = await context.find(id);
      await context.other.remove(id);
      context.subject.assign(row, file('x', 'x.txt'));
      const [outcome] = await Promise.allSettled([context.subject.save(row, {})]);
      const found = (await context.other.rows()).length;
      assert.equal(found, outcome?.status === 'fulfilled' ? 1 : 0);
    },
  },
];
