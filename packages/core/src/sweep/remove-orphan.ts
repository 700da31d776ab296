import { type CallOptions, isFieldFileError, type ObjectVersion, type Storage } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import type { Field } from '../field/field.ts';
import type { Journal } from '../journal/journal.ts';
import { removeUnreferenced } from '../journal/remove-unreferenced.ts';

/** An object that no row named when it was looked at. */
export interface Candidate {
  readonly name: string;
  /** Milliseconds since 1970, by the storage's clock. */
  readonly modifiedMs: number;
  readonly version: ObjectVersion;
}

/**
 * Removes an orphan as a committed change would: written down first, so that who adopts its name meanwhile sees it, and
 * asked for again in the journals and the rows.
 *
 * @param quarantine where its bytes go first.
 * @returns whether it is gone.
 */
export async function removeOrphan(
  storage: Storage,
  { name, version }: Candidate,
  fields: readonly Field[],
  quarantine: string | undefined,
  call: CallOptions,
): Promise<boolean> {
  const id = newWriteId();
  const journals = [...new Set(fields.flatMap(({ model }) => model.binding?.journal ?? []))];
  const [first] = fields;
  const entry = {
    id,
    storage: storage.id,
    oldName: name,
    model: first?.model.name ?? '',
    field: first?.name ?? '',
  };
  for (const journal of journals) await journal.beginRemoval(entry);
  try {
    const copy = quarantine && (await copied(storage, name, quarantine, call));
    if (copy === null) return false;
    const guard = {
      fields: new Set([...fields, ...journals.flatMap(journal => [...journal.fields])]),
      ...together(journals),
    };
    const removal = await removeUnreferenced(guard, storage, name, id, { ...call, version });
    if (copy && removal !== 'removed') await storage.delete(copy, call);
    return removal === 'removed';
  } finally {
    for (const journal of journals) await journal.end(id);
  }
}

/** Null where there is nothing left to copy, or no name for it: then it stays. */
async function copied(
  storage: Storage,
  name: string,
  quarantine: string,
  call: CallOptions,
): Promise<string | null> {
  try {
    return await storage.copy(name, quarantine + name, call);
  } catch (error) {
    if (isFieldFileError(error, 'not-found', 'name-too-long')) return null;
    throw error;
  }
}

function together(journals: readonly Journal[]): Pick<Journal, 'hasWriter' | 'holds' | 'aim'> {
  return {
    async aim(id, version) {
      for (const journal of journals) await journal.aim(id, version);
      return true;
    },
    async hasWriter(...parameters) {
      for (const journal of journals) if (await journal.hasWriter(...parameters)) return true;
      return false;
    },
    holds: id => journals.every(journal => journal.holds(id)),
  };
}
