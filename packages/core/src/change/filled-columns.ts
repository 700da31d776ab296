import { handlesOf, touchOwner } from '../ownership/owner-record.ts';
import type { ScopedChange } from './file-scope.ts';

/** Columns of a row object; undefined where it has none. */
export type ColumnsBefore = Readonly<Record<string, unknown>>;

/** Row objects as they are now, to tell later what has changed. */
export class RowsBefore {
  readonly #before: ReadonlyMap<object, ColumnsBefore>;

  constructor(rows: readonly object[]) {
    this.#before = new Map(rows.map(row => [row, { ...row }]));
  }

  /** Columns of one of the rows that are others now, as they were; nothing of any other row. */
  changed(row: object): ColumnsBefore {
    const before = this.#before.get(row);
    if (!before) return {};
    const others = Object.entries(row).filter(([column, value]) => before[column] !== value);
    return Object.fromEntries(others.map(([column]) => [column, before[column]]));
  }
}

/** The row was written: its handles take its key as it is now. */
export function rekey(row: object): void {
  for (const handle of handlesOf(row)) handle.ref.key = undefined;
  for (const handle of handlesOf(row)) handle.field.keyOf(handle.ref, row);
}

/**
 * What the database filled in when a row was inserted (keys, defaults, generated columns) is taken back when that is
 * rolled back, so that the row object can be inserted again. It reaches the row weakly, as handles do.
 *
 * @param before these columns as the row object had them, where they were not the same.
 * @param forget lets the ORM forget that the row is in the database, before its columns are restored.
 */
export function filledColumns(
  row: object,
  before: ColumnsBefore,
  forget: (row: object) => void = () => {},
): ScopedChange {
  const { ref } = touchOwner(row);
  const keys = [ref, ...Array.from(handlesOf(row), handle => handle.ref)].map(of => ({ of, key: of.key }));
  rekey(row);
  const restore = (): void => {
    for (const { of, key } of keys) of.key = key;
    const owner = ref.deref();
    if (!owner) return;
    forget(owner);
    for (const [column, value] of Object.entries(before))
      if (value === undefined) Reflect.deleteProperty(owner, column);
      else Reflect.set(owner, column, value);
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
