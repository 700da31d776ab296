import { type CallOptions, FieldFileError, type Storage } from '@fieldfile/storage';
import { declaredFields, type ReferringField } from '../field/declared-fields.ts';
import { derivedFolder, originalOf } from './derived-names.ts';

/** Storages where objects are that are derived of this storage's: of these fields, and of all others that are declared. */
export function derivedStorages(fields: Iterable<ReferringField>, storageId: string): readonly Storage[] {
  const storages = new Map<string, Storage>();
  for (const field of new Set([...fields, ...declaredFields()])) {
    const derived = derivedOfField(field, storageId);
    if (derived) storages.set(derived.id, derived);
  }
  return [...storages.values()];
}

/** Undefined where nobody can tell, as outside of the request that a storage depends on. */
function derivedOfField(field: ReferringField, storageId: string): Storage | undefined {
  try {
    return field.derived && field.storage.id === storageId ? field.derived.storage : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Removes what is derived of an object that is gone, or has other bytes now. Whoever makes such an object looks for its
 * original afterwards, so that what is made too late is taken back there.
 *
 * @throws what a storage throws; `backend` for what could not be removed.
 */
export async function removeDerived(
  fields: Iterable<ReferringField>,
  storageId: string,
  original: string,
  options: CallOptions = {},
): Promise<void> {
  for (const storage of derivedStorages(fields, storageId)) {
    const names: string[] = [];
    for await (const { name } of storage.list(derivedFolder(original), options))
      if (originalOf(name) === original) names.push(name);
    if (names.length === 0) continue;
    for (const [name, cause] of await storage.deleteMany(names, options))
      throw new FieldFileError('backend', `${JSON.stringify(name)} could not be removed with its original.`, {
        operation: 'delete',
        storage: storage.id,
        name,
        cause,
      });
  }
}
