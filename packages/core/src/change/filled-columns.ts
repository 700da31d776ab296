import { handlesOf, touchOwner } from '../ownership/owner-record.ts';
import type { ScopedChange } from './file-scope.ts';
import { insertedAgain } from './removed-row.ts';

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
  insertedAgain(row);
  const restore = (): void => {
    ref.key = undefined;
    const owner = ref.deref();
    if (!owner) return;
    forget(owner);
    for (const handle of handlesOf(owner)) handle.ref.key = undefined;
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
    rewind: async () => restore(),
  };
}
