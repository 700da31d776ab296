import assert from 'node:assert/strict';
import type { WriteId } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import { type PartedWrite, type StorageParts, storageParts, writeIdWithin } from '@fieldfile/storage/parts';
import { Skip } from '../contract/behaviour.ts';
import { rejectsWith } from './assertions.ts';
import type { StorageBehaviour, StorageContext } from './context.ts';

const WHOLE = 'folder/parted.bin';
const TOLD = 'told/how-far';

/** C2: what tells of an object that comes in parts is written anew again and again, as part of that write. */
export const writesWithin: readonly StorageBehaviour[] = [
  {
    id: 'C2.within',
    title: 'writes an object again and again as part of another write, on a condition',
    async run(context) {
      const { storage } = context;
      const { whole } = await begun(context);
      const first = await storage.create(TOLD, 'one', { writeId: writeIdWithin(whole), onTaken: 'fail' });
      await storage.settle(TOLD, first.writeId);
      const ifMatch = first.info.version;
      const second = await storage.replace(TOLD, 'two', { writeId: writeIdWithin(whole), ifMatch });
      const late = storage.replace(TOLD, 'three', { writeId: writeIdWithin(whole), ifMatch });
      await rejectsWith('precondition', late);
      assert.equal(await context.text(TOLD), 'two');
      assert.equal((await storage.info(TOLD)).version, second.version);
      const third = await storage.create('told/another', '3', { writeId: writeIdWithin(whole) });
      assert.equal(await storage.undo(third.name, third.writeId), 'removed');
      await storage.undo(WHOLE, whole);
      await context.holds([TOLD]);
    },
  },
  {
    id: 'C2.within-apart',
    title: 'takes back what a write left, and not the objects of writes that belong to it',
    async run(context) {
      const { storage } = context;
      const { parts, write, whole } = await begun(context);
      const told = await storage.create(TOLD, 'one', { writeId: writeIdWithin(whole) });
      await parts.settle(write);
      assert.equal(await context.text(TOLD), 'one');
      await storage.undo(WHOLE, whole);
      await storage.undo(TOLD, whole);
      assert.equal(await context.text(TOLD), 'one');
      await storage.undo(TOLD, told.writeId);
    },
  },
];

/** A write in parts, by the longest id that core gives one. @throws Skip where there are no parts. */
async function begun(
  context: StorageContext,
): Promise<{ readonly parts: StorageParts; readonly write: PartedWrite; readonly whole: WriteId }> {
  context.needs('create');
  const parts = storageParts(context.storage);
  if (!parts) throw new Skip('writes no parts');
  const whole = `${newWriteId()}-upload` as WriteId;
  const write = await parts.begin(WHOLE, { writeId: whole });
  return { parts, write, whole };
}
