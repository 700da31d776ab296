import { FieldFileError } from '@fieldfile/storage';
import type { FileState } from './file-state.ts';

const vouched = new WeakSet<FileState>();

/** Of plain rows that nobody can be asked about. What a class's rows have, only the field itself puts there. */
export const needsVouching = ({ model }: FileState['field']): boolean => !model.binding && !model.accessors;

/** The handle's name came from the database, as `load` said, or core put it into the row itself. */
export function vouchFor(handle: FileState): void {
  if (needsVouching(handle.field)) vouched.add(handle);
}

/**
 * Without a binding nobody can ask the database whether a row has the file that its object shows: one that a request put
 * there (`Object.assign(row, body)` before the first touch) could be another row's. With one, the row is asked.
 *
 * @throws `invalid-argument` before the object is touched.
 */
export function requireVouched(handle: FileState, operation: string): void {
  const { field, value } = handle;
  if (!needsVouching(field) || value === null || vouched.has(handle)) return;
  throw new FieldFileError(
    'invalid-argument',
    `Nobody can tell whether ${JSON.stringify(value)} came from the database or from a request, so the object is left ` +
      `alone (${operation} of ${field.label}). Call field.load(row, row.${field.name}) right after the query, or give ` +
      'defineFiles a binding, which asks the row.',
    { operation, name: value, field: field.label },
  );
}
