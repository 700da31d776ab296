import type { CallOptions } from '@fieldfile/storage';
import { declaredFields, type ReferringField } from '../field/declared-fields.ts';

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
  const deriving = [...new Set([...fields, ...declaredFields()])].filter(derives);
  if (deriving.length === 0) return;
  const { removeDerivedOf } = await import('./remove-derived.ts'); // most applications derive nothing
  await removeDerivedOf(deriving, storageId, original, options);
}

/** False where nobody can tell, as outside of the request that a storage depends on. */
function derives(field: ReferringField): boolean {
  try {
    return field.derived !== undefined;
  } catch {
    return false;
  }
}
