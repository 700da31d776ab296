import { FieldFileError } from '@fieldfile/storage';
import type { FileScope } from '../change/file-scope.ts';
import { filledColumns } from '../change/filled-columns.ts';
import { rowChanges } from '../change/row-changes.ts';
import { type RowRemoval, rowRemoval } from '../change/row-removal.ts';
import { stageCleared } from '../change/upload.ts';
import type { SyncSqlExecutor } from '../journal/sql.ts';
import { handlesOf } from '../ownership/owner-record.ts';
import type { RowWriting } from './write-rows.ts';

/** The transaction at hand, which cannot wait. */
export interface SyncRowTransaction<Executor> {
  readonly executor: Executor;
  readonly scope: FileScope;
  readonly execute: SyncSqlExecutor | undefined;
}

/**
 * As {@link writeRows}, in a transaction that cannot wait. So the bytes are there already: what is still to be stored is
 * refused before a statement is sent.
 *
 * @throws `unsupported` for a file that was not uploaded.
 */
export function writeRowsSync<T, Executor>(
  rows: readonly object[],
  write: (executor: Executor, writing: RowWriting) => T,
  { executor, scope, execute }: SyncRowTransaction<Executor>,
  perhapsInPart: boolean | ((error: unknown) => boolean) = false,
): T {
  for (const row of rows) requireUploaded(row);
  const changes = rows.map(rowChanges);
  const removals: RowRemoval[] = [];
  try {
    const result = write(executor, {
      changes,
      removed: (fields, olds, objects) => void removals.push(rowRemoval(fields, olds, objects)),
      takeBack: (row, before) => scope.add(filledColumns(row, before)),
    });
    for (const change of [...changes, ...removals]) change.takeSync(execute);
    for (const change of [...changes, ...removals]) void change.written(scope); // with a scope it waits for nothing
    return result;
  } catch (error) {
    if (typeof perhapsInPart === 'function' ? perhapsInPart(error) : perhapsInPart) scope.refuseCommit(error);
    for (const change of changes) void change.failed(scope); // with a scope it waits for nothing
    throw error;
  }
}

function requireUploaded(row: object): void {
  for (const handle of handlesOf(row)) {
    const { change } = handle;
    if (!change || change.kind === 'staged') continue;
    if (change.kind !== 'none') throw notUploaded(handle.field.label);
    stageCleared(handle, row, change);
  }
}

const notUploaded = (field: string): FieldFileError =>
  new FieldFileError(
    'unsupported',
    `The file of ${field} is not stored yet, and a synchronous transaction cannot wait for it: \`await upload(row)\` before ` +
      'the transaction begins. Nothing was written.',
    { operation: 'transaction', field, applied: false },
  );
