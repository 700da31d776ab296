import type { ColumnValues } from '../binding/binding.ts';
import type { Field } from '../field/field.ts';
import type { FileState } from '../field/file-state.ts';
import { showColumns } from '../field/row-columns.ts';
import { clearedValues } from './delete-file.ts';
import type { ScopedChange } from './file-scope.ts';

interface RemovedFile {
  readonly handle: FileState;
  readonly key: FileState['ref']['key'];
  readonly before: ColumnValues;
}

/**
 * Row objects whose rows were deleted: they show no file from now on, and can be inserted again without naming what is
 * removed. When that is rolled back they are as they were. What was assigned and is not stored in the row stays assigned.
 */
export function removedRows(fields: readonly Field[], rows: readonly object[]): ScopedChange {
  const files = rows.flatMap(row => fields.flatMap(field => removedFile(field, row)));
  const restore = (): void => {
    for (const { handle, key, before } of files) {
      showColumns(handle, handle.ref.deref(), before);
      handle.ref.key = key;
    }
  };
  const nothing = async (): Promise<void> => {};
  return {
    committed: nothing,
    restore,
    rolledBack: nothing,
    unknown: nothing,
    retried: async () => restore(),
  };
}

/** Empties the row's file. Nothing of it reaches the row. */
function removedFile(field: Field, row: object): RemovedFile[] {
  const handle = field.get(row);
  if (!handle || (handle.change?.kind === 'staged' && !handle.change.change.isWritten)) return [];
  const values = clearedValues(handle);
  const columns = row as Readonly<Record<string, string | number | null | undefined>>;
  const beside = Object.keys(values).flatMap(column => {
    const value = column === field.name ? undefined : columns[column];
    return value === undefined ? [] : [[column, value] as const];
  });
  const removed = {
    handle,
    key: handle.ref.key,
    before: { ...Object.fromEntries(beside), [field.name]: handle.columnValue },
  };
  showColumns(handle, row, values);
  handle.ref.key = undefined;
  return [removed];
}
