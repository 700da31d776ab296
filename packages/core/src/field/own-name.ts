import type { AnyFileField } from './file-field.ts';
import { isHandle } from './is-handle.ts';
import type { RowKey } from './row-key.ts';

/**
 * What the column of the row with that key holds, where a value is the row's own file: as any object of the row knows it,
 * with nothing assigned. Undefined: it is another file, or none.
 */
export function ownName(
  field: AnyFileField,
  key: RowKey | undefined,
  value: unknown,
): string | null | undefined {
  if (!isHandle(value) || (value.field as unknown) !== field || !key) return undefined;
  if (value.change && !(value.change.kind === 'staged' && value.change.change.isWritten)) return undefined;
  const its = value.field.keyOf(value.ref);
  const isSame = its && Object.keys(key).every(column => String(key[column]) === String(its[column]));
  return isSame ? value.columnValue : undefined;
}
