import type { CallOptions, Storage } from '@fieldfile/storage';
import {
  type AskedRows,
  declaredFields,
  type ReferringField,
  storageIfKnown,
} from '../field/declared-fields.ts';
import { oddSpellings } from './odd-spellings.ts';

/**
 * Whether any row names the object, as the storage does or as other libraries may spell it, or a field has it as its
 * default: asked of these fields and of every other one that this process has declared on that storage. One question a
 * binding.
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
  const [one] = asked;
  if (!one) return false;
  const names = [name, ...oddSpellings(name, one.storage.backend.limits)];
  if (asked.some(field => field.default !== undefined && names.includes(field.default))) return true;
  for (const [binding, group] of Map.groupBy(asked, field => field.model.binding)) {
    const columns = group.map(field => field.name);
    try {
      if (binding && (await namesAny(binding, columns, names, options))) return true;
    } catch (error) {
      if (!group.every(field => !required.has(field) && wasDeclaredAgain(field, declared))) throw error;
    }
  }
  return false;
}

async function namesAny(
  binding: AskedRows,
  fields: readonly string[],
  names: readonly string[],
  options: CallOptions,
): Promise<boolean> {
  if (binding.isAnyReferenced) return binding.isAnyReferenced(fields, names, options);
  for (const name of names) if (await binding.isReferenced(fields, name, options)) return true;
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
