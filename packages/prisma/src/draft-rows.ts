import type { FileInput } from '@fieldfile/core';
import type { Columns } from '@fieldfile/core/binding';

const drafts = new WeakSet<object>();

/** A row of its own for a file that no row has yet. */
export function draftRow(
  field: { readonly name: string; set(row: never, input: FileInput): void },
  input: FileInput,
): Columns {
  const row: Columns = { [field.name]: null };
  drafts.add(row);
  field.set(row as never, input);
  return row;
}

/** Whether a row object without a key is such, and not one that was loaded without its key. */
export const isDraft = (row: object): boolean => drafts.has(row);
