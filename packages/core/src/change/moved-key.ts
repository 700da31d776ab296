import type { RowKey } from '../binding/binding.ts';
import { handlesOf } from '../ownership/owner-record.ts';
import type { FileScope, ScopedChange } from './file-scope.ts';

/** A row was written, perhaps with another key than before: its files go by that from now on, until a rollback. */
export function moveKeys(row: object, scope: FileScope | undefined): void {
  for (const { field, ref } of handlesOf(row)) {
    const [before, after] = [ref.key, field.model.key(row)];
    if (!after || (before && isSame(before, after))) continue;
    ref.key = after;
    if (before) scope?.add(moved(ref, before));
  }
}

const isSame = (before: RowKey, after: RowKey): boolean =>
  Object.keys(after).length === Object.keys(before).length &&
  Object.entries(after).every(([column, value]) => before[column] === value);

function moved(ref: { key: RowKey | undefined }, before: RowKey): ScopedChange {
  const restore = (): void => {
    ref.key = before;
  };
  const nothing = async (): Promise<void> => {};
  return {
    committed: nothing,
    restore,
    rolledBack: nothing,
    unknown: nothing,
    rewind: async () => restore(),
  };
}
