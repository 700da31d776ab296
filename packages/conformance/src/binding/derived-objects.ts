import assert from 'node:assert/strict';
import { type FieldFile, file } from '@fieldfile/core';
import { type Deriving, deriving } from '@fieldfile/core/derived';
import { sweep } from '@fieldfile/core/journal';
import { rejection, rejectsWith } from '../storage/assertions.ts';
import type { BindingBehaviour } from './context.ts';

/** I2: what is made of a row's file goes when that file goes, and a sweep knows it. */
export const derivedObjects: readonly BindingBehaviour[] = [
  derived({
    id: 'I2.derived-removed',
    title: 'what is derived of a file goes with it: replaced, cleared, or deleted with its row',
    async run(context) {
      const row = await context.document('a.txt');
      const replaced = await context.find(row.id);
      await derive(context.file(replaced));
      context.subject.assign(replaced, file('another', 'b.txt'));
      await context.subject.save(replaced, {});
      await context.agrees();
      const cleared = await context.find(row.id);
      await derive(context.file(cleared));
      await context.file(cleared).delete();
      await context.agrees();
      const removed = await context.find((await context.document('c.txt')).id);
      await derive(context.file(removed));
      await context.subject.remove(removed);
      await context.agrees();
    },
  }),
  derived({
    id: 'I2.derived-of-bytes',
    title:
      'bytes that are replaced in place take with them what was derived of them, and other bytes have another name',
    async run(context) {
      const row = await context.find((await context.document('a.txt')).id);
      const handle = context.file(row);
      const name = await derive(handle);
      await handle.stored?.replace('other bytes');
      await context.agrees();
      assert.notEqual(await derive(handle), name);
      await handle.delete();
      await context.agrees();
    },
  }),
  derived({
    id: 'I2.derived-rolled-back',
    title: 'a rollback leaves what is derived of the file that the row has again',
    async run(context) {
      context.needs('save-in-transaction');
      const row = await context.find((await context.document('a.txt')).id);
      const name = await derive(context.file(row));
      const saved = context.subject.transaction(async () => {
        await context.file(row).save('another', { name: 'b.txt' });
        throw new Error('rolled back');
      });
      await rejection(saved, 'the transaction');
      assert.ok((await context.objects()).includes(name), 'what is derived is gone');
      await context.file(row).delete();
      await context.agrees();
    },
  }),
  derived({
    id: 'I2.derived-too-late',
    title: 'what is made of a file that was removed or replaced meanwhile is not kept',
    async run(context) {
      for (const change of [
        (handle: FieldFile) => handle.delete(),
        (handle: FieldFile) => handle.save('another', { name: 'b.txt' }),
        async (handle: FieldFile) => handle.stored?.replace('other bytes'),
      ]) {
        const row = await context.find((await context.document('a.txt')).id);
        const of = deriving(context.file(row));
        const content = await of.look();
        await change(context.file(row));
        await rejectsWith('conflict', store(of, content));
        await context.agrees();
      }
    },
  }),
  derived({
    id: 'I2.derived-swept',
    title: 'a sweep leaves what is derived of rows’ files, and finds what is derived of none',
    async run(context) {
      const { fields = [] } = context.subject;
      const row = await context.find((await context.document('a.txt')).id);
      const kept = await derive(context.file(row));
      const orphan = 'fieldfile-derived/gone.txt/v-1/one.txt';
      await context.storage.save(orphan, 'orphan');
      const found: string[] = [];
      const report = await sweep({
        storage: context.storage,
        fields,
        graceSeconds: 0,
        orphans: 'delete',
        brake: { count: 10, share: 1 },
        onFinding: ({ kind, name }) => found.push(`${kind} ${name}`),
      });
      assert.deepEqual(found, [`orphan ${orphan}`]);
      assert.equal(report.removed, 1);
      assert.ok((await context.objects()).includes(kept), 'what is derived of a file was swept');
      await context.file(row).delete();
      await context.agrees();
    },
  }),
];

function derived(behaviour: BindingBehaviour): BindingBehaviour {
  return { ...behaviour, field: { derived: { kinds: {} } } };
}

/** @returns the name of what was made. */
async function derive(handle: FieldFile): Promise<string> {
  const of = deriving(handle);
  return store(of, await of.look());
}

async function store(of: Deriving, content: Awaited<ReturnType<Deriving['look']>>): Promise<string> {
  const name = of.nameOf(content.identity, 'one.txt');
  await of.store(name, 'derived', content, { contentType: 'text/plain' });
  return name;
}
