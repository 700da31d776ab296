import type { CallOptions, Storage, WriteId } from '@fieldfile/storage';
import { lockOf } from './derived-names.ts';
import { lockWriteIds } from './lock-write-ids.ts';

/** Takes back what was being made, and the lock of who made it: first the object, so that nobody else makes it meanwhile. */
export async function undoDerived(
  storage: Storage,
  name: string,
  writeId: WriteId,
  options: CallOptions,
): Promise<void> {
  await storage.undo(name, writeId, options);
  for (const id of lockWriteIds(writeId)) await storage.undo(lockOf(name), id, options);
}
