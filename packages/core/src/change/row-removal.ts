import type { Field } from '../field/field.ts';
import type { AnyFileField } from '../field/file-field.ts';
import type { SqlExecutor, SyncSqlExecutor } from '../journal/sql.ts';
import type { FileScope } from './file-scope.ts';
import { ObjectChange } from './object-change.ts';
import { removedRows } from './removed-rows.ts';

/** What a binding tells core of rows whose files go: with the row, or by a statement that names no row object. */
export interface RowRemoval {
  /** In the transaction that writes the rows, after they were. Without a journal it does nothing. */
  take(transaction?: SqlExecutor): Promise<void>;
  /** As `take`, in a transaction that cannot wait. */
  takeSync(transaction?: SyncSqlExecutor): void;
  /** The rows are written: their objects are removed after the transaction's scope, or now where there is none. Never throws. */
  written(scope: FileScope | undefined): Promise<void>;
}

/**
 * Objects of rows that are deleted, or whose files are replaced in bulk: removed after the commit, if no row names them
 * then.
 *
 * @param fields of the rows' model.
 * @param rows the columns as they were, read in the same transaction.
 * @param objects row objects that stand for deleted rows: they show no file any more, unless that is rolled back.
 *
 * @example
 * ```ts
 * import type { FileField } from '@fieldfile/core';
 * import { type FileScope, rowRemoval } from '@fieldfile/core/binding';
 * import type { SqlExecutor } from '@fieldfile/core/journal';
 *
 * interface User {
 *   id: number;
 *   avatar: string | null;
 * }
 * export async function deleteUser(field: FileField<User, 'id', 'avatar'>, user: User, sql: SqlExecutor, scope: FileScope): Promise<void> {
 *   const removal = rowRemoval([field], [user]);
 *   await sql('DELETE FROM users WHERE id = $1', [user.id]);
 *   await removal.take(sql);
 *   await removal.written(scope);
 * }
 * ```
 */
export function rowRemoval(
  fields: readonly AnyFileField[],
  rows: readonly object[],
  objects: readonly object[] = [],
): RowRemoval {
  const own = fields as readonly unknown[] as readonly Field[];
  const changes = own.flatMap(field =>
    rows.flatMap(row => {
      const oldName = (row as Readonly<Record<string, unknown>>)[field.name];
      if (typeof oldName !== 'string' || oldName === '') return [];
      const change = new ObjectChange({ field, storage: field.storage, newName: null, oldName });
      return [{ change, key: field.model.key(row) }];
    }),
  );
  return {
    async take(transaction) {
      for (const { change, key } of changes) await change.take(key, transaction);
    },
    takeSync(transaction) {
      for (const { change, key } of changes) change.takeSync(key, transaction);
    },
    async written(scope) {
      const emptied = removedRows(own, objects);
      scope?.add(emptied);
      for (const { change } of changes) {
        if (scope) scope.add(change);
        else await change.committed();
      }
    },
  };
}
