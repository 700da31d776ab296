import type { FieldFile } from './field-file.ts';
import { isHandle } from './is-handle.ts';

/**
 * What a row's column gets for a file, for ORMs that write rows themselves: the name, or undefined while something is
 * assigned that is not stored yet, so that the row cannot be written (`upload(row)` comes first).
 */
export function columnValue(file: FieldFile): string | null | undefined {
  if (!isHandle(file)) return undefined;
  const { change } = file;
  return change && change.kind !== 'staged' ? undefined : file.columnValue;
}
