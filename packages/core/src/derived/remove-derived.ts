import { type CallOptions, FieldFileError, type Storage } from '@fieldfile/storage';
import type { ReferringField } from '../field/declared-fields.ts';
import { derivedFolder, originalOf } from './derived-names.ts';

/** @param fields that derive something, of any storage. */
export async function removeDerivedOf(
  fields: readonly ReferringField[],
  storageId: string,
  original: string,
  options: CallOptions,
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

/** Storages where objects are that are derived of this storage's. */
function derivedStorages(fields: readonly ReferringField[], storageId: string): readonly Storage[] {
  const storages = new Map<string, Storage>();
  for (const field of fields) {
    const derived = derivedOfField(field, storageId);
    if (derived) storages.set(derived.id, derived);
  }
  return [...storages.values()];
}

function derivedOfField(field: ReferringField, storageId: string): Storage | undefined {
  try {
    return field.storage.id === storageId ? field.derived?.storage : undefined;
  } catch {
    return undefined;
  }
}
