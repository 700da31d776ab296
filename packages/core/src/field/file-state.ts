import type { ObjectWrite, Storage, WriteId } from '@fieldfile/storage';
import type { ColumnValues } from '../binding/binding.ts';
import type { ScopedChange } from '../change/file-scope.ts';
import type { SqlExecutor, SyncSqlExecutor } from '../journal/sql.ts';
import type { OwnerRef } from '../ownership/owner-ref.ts';
import type { DeclaredField } from './declared-field.ts';
import type { NamedContent } from './named-content.ts';
import type { StoredContent } from './offered.ts';

/**
 * What a handle holds: the file of one field of one row object. Changes work on it; `Handle` is it, with the methods that
 * begin them.
 */
export interface FileState {
  readonly field: DeclaredField;
  /** The way to the row. Nothing else here reaches it. */
  readonly ref: OwnerRef;
  /** The name as this row object has it: the database's, or a staged one. */
  value: string | null;
  /** What the row's column held when core last read or wrote it. */
  seen: unknown;
  /** Assigned, but not in the database yet. */
  change: Pending | undefined;
  /** Settles when the operations begun on this handle have; undefined when none is under way. */
  tail: Promise<unknown> | undefined;
  /** The row's next file, of another field. */
  next: FileState | undefined;
  /** The name that it shows: null where content waits to be its row's. */
  readonly name: string | null;
  readonly pending: boolean;
  /** The column as the database has it: an empty text stands for no file, too. */
  readonly columnValue: string | null;
}

/** Something assigned to a handle that its row in the database does not have yet: one small object a kind of change. */
export type Pending =
  | Assigned
  /** Stored; the row is yet to be written, or its transaction yet to be committed. */
  | { readonly kind: 'staged'; readonly change: Staged };

/** Assigned, and not stored yet. */
export type Assigned = (
  | /** Checked content, waiting to be stored. */ { readonly kind: 'content'; readonly content: NamedContent }
  /** An object that is there already, adopted by name. */
  | { readonly kind: 'adopt'; readonly name: string }
  /** Stored before its row was known. */
  | { readonly kind: 'stored'; readonly stored: StoredContent }
  /** No file. */
  | { readonly kind: 'none' }
) & {
  /** What the open transaction has written into the row before: a rollback takes that back, too. */
  readonly over?: Staged | undefined;
};

/** What a change consists of. All of it data: nothing here reaches a row. */
export interface ChangePlan {
  readonly storage: Storage;
  /** The name and the columns beside it, as the row shall have them. */
  readonly values: ColumnValues;
  /** The object stored for it; absent when a file is adopted or cleared. */
  readonly write?: Pick<ObjectWrite, 'name' | 'writeId'> | undefined;
  /** The journal's intent, where one was begun. */
  readonly intent?: WriteId | undefined;
  /** It was stored before its row was known: until then it waits for another try, unless a row has it. */
  readonly untilMs?: number | undefined;
  /** Until when a client may bring something beside the object. */
  readonly lateUntilMs?: number | undefined;
  /** What is pending again after a rollback. */
  readonly again?: Assigned | undefined;
}

/**
 * One change of one field of one row: its object is stored (or adopted, or is to go), its row is not known to be
 * committed. It ends in one of `committed`, `rolledBack` and `unknown`.
 */
export interface Staged extends ScopedChange {
  readonly handle: FileState;
  readonly plan: ChangePlan;
  /** The row was updated, and its transaction is open. */
  readonly isWritten: boolean;
  /** The row's columns before, as far as the row had them: what a rollback restores. */
  readonly before: ColumnValues;
  /** The column before, which may be an empty text: what compare-and-set expects. */
  readonly oldValue: string | null;
  /** In the row's transaction, after the row was written. @throws `intent-lost`. */
  take(transaction: SqlExecutor | undefined): Promise<void>;
  takeSync(transaction: SyncSqlExecutor | undefined): void;
  /** The row names the new file, as far as its transaction commits. */
  written(): void;
  /**
   * It is not going to reach its row: takes back what was stored, at the end of the transaction where one is open, since
   * no storage is asked for anything meanwhile. Throws what the storage throws.
   */
  undo(): Promise<void>;
}
