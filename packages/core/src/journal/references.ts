import type { CallOptions, Storage } from '@fieldfile/storage';
import { declaredFields, type ReferringField, storageIfKnown } from '../field/declared-fields.ts';

/**
 * Whether any row names the object, or a field has it as its default: asked of these fields and of every other one that
 * this process has declared on that storage. One question a binding.
 */
export async function isReferenced(
  fields: Iterable<ReferringField>,
  storageId: string,
  name: string,
  options: CallOptions = {},
): Promise<boolean> {
  const required = new Set(fields);
  const declared = declaredFields();
  const asked = [...new Set([...required, ...declared])].filter(
    field => (required.has(field) ? storageIfKnown(field) : storageNow(field))?.id === storageId,
  );
  if (asked.some(field => field.default === name)) return true;
  for (const [binding, group] of Map.groupBy(asked, field => field.model.binding)) {
    const names = group.map(field => field.name);
    try {
      if (await binding?.isReferenced(names, name, options)) return true;
    } catch (error) {
      if (!group.every(field => !required.has(field) && wasDeclaredAgain(field, declared))) throw error;
    }
  }
  return false;
}

/** Undefined where nobody can tell, as outside of the request that it depends on. */
function storageNow(field: ReferringField): Storage | undefined {
  try {
    return field.storage;
  } catch {
    return undefined;
  }
}

/** A model that was loaded again, as in a test or while developing: the pool of the one before it may have ended. */
function wasDeclaredAgain(field: ReferringField, declared: readonly ReferringField[]): boolean {
  return declared.slice(declared.indexOf(field) + 1).some(({ label }) => label === field.label);
}
