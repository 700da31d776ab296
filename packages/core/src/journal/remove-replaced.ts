import type { CallOptions, ObjectVersion, Storage } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import type { Intent, Journal } from './journal.ts';
import { isReferenced } from './references.ts';
import { removeUnreferenced } from './remove-unreferenced.ts';

/**
 * Removes what a replacement made while its row gave the object up: whoever was to remove that goes by the version it had
 * before. Nothing is done where a row names it.
 */
export async function removeReplaced(
  journal: Journal,
  storage: Storage,
  { name, model, field }: Pick<Intent, 'name' | 'model' | 'field'>,
  version: ObjectVersion,
  options: CallOptions = {},
): Promise<void> {
  if (await isReferenced(journal.fields, storage.id, name, options)) return;
  const id = newWriteId();
  await journal.beginRemoval({ id, storage: storage.id, oldName: name, model, field });
  await journal.aim(id, version);
  if (journal.keepRemovedMs > 0) return journal.postpone(id, journal.keepRemovedMs);
  const removal = await removeUnreferenced(journal, storage, name, id, { ...options, version });
  if (removal === 'busy') await journal.postpone(id, 1000);
  else await journal.endTaken(id);
}
