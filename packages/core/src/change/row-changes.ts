import type { ColumnValues } from '../binding/binding.ts';
import type { FieldFile } from '../field/field-file.ts';
import type { FileState, Staged } from '../field/file-state.ts';
import { showColumns } from '../field/row-columns.ts';
import { releaseSnapshot } from '../field/snapshot.ts';
import type { SqlExecutor, SyncSqlExecutor } from '../journal/sql.ts';
import { handlesOf } from '../ownership/owner-record.ts';
import { type FileScope, failedWithin } from './file-scope.ts';

/** What an ORM's binding writes with a row, and tells core of afterwards. */
export interface RowChanges {
  /** Columns of files that were assigned, and no others: an untouched file's column is never written. */
  readonly values: ColumnValues;
  /**
   * What an INSERT writes: `values`, and for files that nothing was assigned to the field's default, or what an empty column
   * holds where that is not null. The row shows it once it is written.
   */
  insertValues(): ColumnValues;
  /** The columns as the database has them after an INSERT: the row shows what a column's own default gave it. */
  inserted(columns: Readonly<Record<string, unknown>>): void;
  /** Compare-and-set: the file columns among them, as the row object knew them. An updated row must still have these. */
  readonly expect: ColumnValues;
  /**
   * In the transaction that wrote the row: the journal's entries are taken with it. Without a journal it does nothing.
   * @throws `intent-lost`: the transaction must roll back.
   */
  take(transaction?: SqlExecutor): Promise<void>;
  /** As `take`, in a transaction that cannot wait. */
  takeSync(transaction?: SyncSqlExecutor): void;
  /** The row is written: the changes end with the transaction's scope, or now where there is none. Never throws. */
  written(scope: FileScope | undefined): Promise<void>;
  /**
   * Writing the row failed: what was stored for it is undone, and what was assigned is pending again; at the end of the
   * transaction's scope, where one is open, so that trying it again finds what was stored. Never throws.
   */
  failed(scope?: FileScope): Promise<void>;
}

/**
 * The staged changes of a row: for bindings whose ORM persists rows itself. Call `upload(row)` before, outside the
 * transaction.
 */
export function rowChanges(row: object): RowChanges {
  const changes: Staged[] = [];
  const values: Record<string, string | number | null> = {};
  const expect: Record<string, string | number | null> = {};
  const initial: Record<string, string> = {};
  let inserts = false;
  for (const { change, field, value } of handlesOf(row)) {
    const unset = !change && (value === null || value === field.default) && (field.default ?? field.empty);
    if (typeof unset === 'string') initial[field.name] = unset;
    if (change?.kind !== 'staged' || change.change.isWritten) continue;
    changes.push(change.change);
    Object.assign(values, change.change.plan.values);
    expect[change.change.handle.field.name] = change.change.oldValue;
  }
  return {
    values,
    insertValues() {
      inserts = true;
      return { ...initial, ...values };
    },
    inserted(columns) {
      for (const { change, field } of handlesOf(row)) {
        const value = columns[field.name];
        if (!change && typeof value === 'string') initial[field.name] = value;
      }
    },
    expect,
    async take(transaction) {
      for (const change of changes) {
        change.handle.field.keyOf(change.handle.ref, row);
        await change.take(transaction);
      }
    },
    takeSync(transaction) {
      for (const change of changes) {
        change.handle.field.keyOf(change.handle.ref, row);
        change.takeSync(transaction);
      }
    },
    async written(scope) {
      if (inserts)
        for (const handle of handlesOf(row))
          if (!handle.change && handle.field.name in initial)
            showColumns(handle, row, {
              [handle.field.name]: initial[handle.field.name] ?? null,
            });
      for (const change of changes) {
        change.handle.field.keyOf(change.handle.ref, row); // known now, also for when the row is gone
        change.written();
        if (scope) scope.add(change);
        else await change.committed();
      }
    },
    async failed(scope) {
      if (scope) {
        for (const change of changes) scope.add(failedWithin(change));
        return;
      }
      for (const change of changes) change.restore();
      for (const change of changes) await change.rolledBack();
    },
  };
}

/** Lets go of other rows' files that were assigned to row objects which nobody is to write any more. */
export async function dropAssigned(rows: Iterable<object>): Promise<void> {
  for (const row of rows)
    for (const { change, field } of handlesOf(row)) {
      const assigned = change?.kind === 'staged' ? change.change.plan.again : change;
      if (assigned?.kind === 'content') await releaseSnapshot(assigned.content.from, field.model.binding);
    }
}

/** Whether a file was assigned or uploaded that no statement has written into its row yet: for an ORM's dirty check. */
export function isUnwritten(file: FieldFile): boolean {
  const { change } = file as unknown as FileState;
  return change !== undefined && (change.kind !== 'staged' || !change.change.isWritten);
}

/** Whether a file of the row is such. */
export function hasUnwritten(row: object): boolean {
  for (const handle of handlesOf(row)) if (isUnwritten(handle as unknown as FieldFile)) return true;
  return false;
}
