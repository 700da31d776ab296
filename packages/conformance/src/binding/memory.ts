import assert from 'node:assert/strict';
import type { FieldFile } from '@fieldfile/core';
import { Skip } from '../contract/behaviour.ts';
import type { BindingBehaviour, BindingContext } from './context.ts';
import { LiveObjects } from './live-objects.ts';

/** O2, O4: holding a file keeps no row. */
export const memory: readonly BindingBehaviour[] = [
  {
    id: 'O2.collectable',
    title: 'rows with a large column are collected while their files are held',
    async run(context) {
      const { live, files } = await heldFiles(context);
      assert.equal(live, 0, `${live} of ${files.length} rows are still in memory`);
      assert.ok(files.every(held => held.owner === undefined));
      assert.equal(await files[0]?.stored?.text(), 'content of a.txt');
    },
  },
  {
    id: 'O2.control',
    title: 'control: files that keep their rows on purpose are seen to keep them',
    field: { ownership: 'strong' },
    async run(context) {
      const { live, files } = await heldFiles(context);
      assert.equal(live, files.length, 'this measurement does not see rows that are kept');
    },
  },
  {
    id: 'O4.save-after-collection',
    title: 'a file whose row object was collected is saved by key',
    async run(context) {
      const { files } = await heldFiles(context, 1);
      const [handle] = files;
      assert.ok(handle && handle.owner === undefined, 'the row is still in memory');
      await handle.save('by key', { name: 'by-key.txt' });
      await context.storedText(Number(handle.reference().key?.id), 'by key');
      await handle.delete();
      assert.equal(await context.storedName(Number(handle.reference().key?.id)), null);
    },
  },
  {
    id: 'O4.upload-to-reloaded',
    title: 'where the path is made of the row, a collected row is loaded again',
    field: { uploadTo: (row, filename) => `${row.name.replaceAll(' ', '-')}/${filename}` },
    async run(context) {
      const { files } = await heldFiles(context, 1);
      const [handle] = files;
      assert.ok(handle && handle.owner === undefined, 'the row is still in memory');
      await handle.save('by key', { name: 'by-key.txt' });
      assert.match(handle.name ?? '', /^a-document\/by-key/);
      await context.storedText(Number(handle.reference().key?.id), 'by key');
    },
  },
];

interface Held {
  readonly files: readonly FieldFile[];
  /** Row objects that are left. */
  readonly live: number;
}

/** Loads a row many times and keeps only its files. */
async function heldFiles(context: BindingContext, count: number = context.settings.heldRows): Promise<Held> {
  if (!globalThis.gc) throw new Skip('run with --expose-gc');
  const { id } = await context.document('a.txt');
  await touchOnly(context, id);
  const { id: large } = await context.document('a.txt', {
    payload: 'x'.repeat(context.settings.payloadBytes),
  });
  const live = new LiveObjects();
  const files = await holdAll(context, large, live, count);
  return { files, live: await live.count() };
}

/** So often that V8 has optimised what runs here. */
async function touchOnly(context: BindingContext, id: number): Promise<void> {
  for (let call = 0; call < context.settings.warmUp; call++) context.file(await context.find(id));
}

/** In a function of its own: one that is suspended may keep the last row in a register, which no program can see. */
async function holdAll(
  context: BindingContext,
  id: number,
  live: LiveObjects,
  count: number,
): Promise<FieldFile[]> {
  const files: FieldFile[] = [];
  for (let index = 0; index < count; index++) {
    const row = live.watch(await context.find(id));
    context.file(row);
    files.push(context.file(row));
  }
  return files;
}
