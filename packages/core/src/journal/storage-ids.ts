import type { Storage } from '@fieldfile/storage';
import { type ReferringField, storageIfKnown } from '../field/declared-fields.ts';
import type { JournalEntry } from './journal.ts';

/** The id and the former ids of a storage: under each of them there may be entries of its objects. */
export function everyIdOf(id: string, fields: Iterable<ReferringField>): readonly string[] {
  const ids = new Set([id]);
  for (const field of fields) {
    const storage = storageIfKnown(field);
    if (storage?.id === id) for (const former of storage.formerIds) ids.add(former);
  }
  return [...ids];
}

/**
 * The entry's storage, where this process knows its field: else who would be asked whether a row names the object?
 *
 * Two storages may have had one id before. The field of the entry tells which of them was meant; where it has moved to
 * another storage since, the one that is called so now, and else the only one that was.
 */
export function storageOf(
  fields: ReadonlySet<ReferringField>,
  entry: Pick<JournalEntry, 'model' | 'field' | 'storage'>,
): Storage | undefined {
  const own = [...fields].filter(({ label }) => label === `${entry.model}.${entry.field}`);
  if (own.length === 0) return undefined;
  const isNow = ({ storage }: ReferringField): boolean => storage.id === entry.storage;
  const was = ({ storage }: ReferringField): boolean => storage.formerIds.includes(entry.storage);
  const found = own.find(isNow) ?? own.find(was) ?? [...fields].find(isNow);
  if (found) return found.storage;
  const derived = own.find(field => field.derived?.storage.id === entry.storage);
  if (derived) return derived.derived?.storage;
  const formerly = [...fields].filter(was).map(({ storage }) => storage);
  return new Set(formerly.map(({ id }) => id)).size === 1 ? formerly[0] : undefined;
}
