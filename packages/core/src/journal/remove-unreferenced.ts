import {
  type CallOptions,
  isFieldFileError,
  type ObjectVersion,
  type Storage,
  type WriteId,
} from '@fieldfile/storage';
import { deleteVersion, infoIfThere } from '@fieldfile/storage/internal';
import { removeDerived } from '../derived/derived-removal.ts';
import { isHeld } from '../field/held-object.ts';
import type { Journal } from './journal.ts';
import { isReferenced } from './references.ts';

/**
 * `'absent'`: it is gone, or another object has its name by now. `'busy'`: somebody else is at work on that name, so that
 * it must be looked at again.
 */
export type Removal = 'removed' | 'absent' | 'referenced' | 'busy';

/**
 * Removes an object that no row names, and only that version of it.
 *
 * The order is the proof. Who gives the name to a row makes an object of another version, or wrote its intent down
 * before; who committed since is seen in the rows, which are asked last. So what is removed is what was looked at first,
 * and nobody has or gets it.
 *
 * @param id the entry that says so: this process must hold it until the storage is asked.
 * @param options `version`: only that one may go.
 */
export async function removeUnreferenced(
  journal: Pick<Journal, 'fields' | 'hasWriter' | 'holds' | 'aim'>,
  storage: Storage,
  name: string,
  id: WriteId,
  { version, ...options }: CallOptions & { readonly version?: ObjectVersion | null } = {},
): Promise<Removal> {
  const found = await infoIfThere(storage, name, options);
  if (!found) {
    await removeDerived(journal.fields, storage.id, name, options);
    return 'absent';
  }
  if (version && found.version !== version) return 'absent';
  if (isHeld(storage.id, name)) return 'busy';
  if (await journal.hasWriter(storage.id, name, id)) return 'busy';
  if (await isReferenced(journal.fields, storage.id, name, options)) return 'referenced';
  if (!version && !(await journal.aim(id, found.version))) return 'busy';
  if (!journal.holds(id)) return 'busy';
  try {
    await deleteVersion(storage, name, found.version, options);
  } catch (error) {
    if (isFieldFileError(error, 'precondition', 'not-found')) return 'busy';
    throw error;
  }
  // After a crash in between, the object is absent, and what is derived of it goes then.
  await removeDerived(journal.fields, storage.id, name, options);
  return 'removed';
}
