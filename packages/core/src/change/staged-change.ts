import { reported } from '@fieldfile/storage/internal';
import type { ColumnValues } from '../binding/binding.ts';
import type { Assigned, ChangePlan, FileState, Staged } from '../field/file-state.ts';
import { showColumns } from '../field/row-columns.ts';
import { releaseSnapshot } from '../field/snapshot.ts';
import { vouchFor } from '../field/vouched-name.ts';
import type { SqlExecutor, SyncSqlExecutor } from '../journal/sql.ts';
import { type FileScope, failedWithin, undoneLater } from './file-scope.ts';
import { ObjectChange } from './object-change.ts';

/**
 * One change of one field of one row: its object is stored (or adopted, or is to go), its row is not known to be
 * committed. It ends in one of `committed`, `rolledBack` and `unknown`.
 */
export class StagedChange implements Staged {
  readonly handle: FileState;
  readonly plan: ChangePlan;
  readonly #objects: ObjectChange;
  /** The row's columns before, as far as the row had them: what a rollback restores. */
  readonly before: ColumnValues;
  /** An earlier change of the same transaction, whose turn it is again when this one is rolled back. */
  readonly #earlier: Staged | undefined;
  /** What the row showed in columns that came back changed: versions, timestamps. */
  readonly #others: Record<string, unknown> = {};
  #written = false;
  /** The outermost transaction that its object was stored in. */
  #storedIn: FileScope | undefined;
  #waits = false;

  constructor(handle: FileState, owner: object | undefined, plan: ChangePlan) {
    const { change, field } = handle;
    const earlier = change?.kind === 'staged' ? change.change : change?.over;
    this.handle = handle;
    this.plan = plan;
    this.before = earlier?.isWritten === false ? earlier.before : columnsBefore(handle, owner, plan.values);
    this.#earlier = earlier?.isWritten ? earlier : undefined;
    const { storage, write, intent, untilMs, lateUntilMs } = plan;
    const { oldName } = this;
    const newName = plan.values[field.name] as string | null;
    const objects = { field, storage, write, intent, newName, oldName, untilMs, lateUntilMs };
    this.#objects = new ObjectChange(objects);
  }

  /** The row was updated, and its transaction is open. */
  get isWritten(): boolean {
    return this.#written;
  }

  /** The column before, which may be an empty text: what compare-and-set expects. */
  get oldValue(): string | null {
    return this.before[this.handle.field.name] as string | null;
  }

  /** The name before: what a commit removes. */
  get oldName(): string | null {
    return this.oldValue || null;
  }

  /** Shows the change in memory: in the handle and, while it lives, in the row. */
  apply(owner: object | undefined): void {
    const { change } = this.handle;
    showColumns(this.handle, owner, this.plan.values);
    this.handle.change = { kind: 'staged', change: this };
    vouchFor(this.handle);
    // What was staged before and never reached the row gives way: its object is nobody's.
    if (change?.kind === 'staged' && !change.change.isWritten) void reported(() => change.change.undo());
  }

  /** Shows columns that came back changed, until a rollback. */
  showOthers(owner: object, columns: Readonly<Record<string, unknown>>): void {
    for (const [column, value] of Object.entries(columns)) {
      this.#others[column] = (owner as Record<string, unknown>)[column];
      Reflect.set(owner, column, value);
    }
  }

  /** In the row's transaction, after the row was written. @throws `intent-lost`. */
  take(transaction: SqlExecutor | undefined): Promise<void> {
    return this.#objects.take(this.handle.field.keyOf(this.handle.ref), transaction);
  }

  /** As `take`, in a transaction that cannot wait. @throws `intent-lost`. */
  takeSync(transaction: SyncSqlExecutor | undefined): void {
    this.#objects.takeSync(this.handle.field.keyOf(this.handle.ref), transaction);
  }

  /** The row names the new file, as far as its transaction commits. */
  written(): void {
    this.#written = true;
  }

  landed(): void {
    this.#leave();
  }

  async committed(): Promise<void> {
    this.#leave();
    await this.#objects.committed();
    await this.#letGo();
  }

  restore(): void {
    const { handle } = this;
    if (!this.#leave(this.#earlier, this.plan.again)) return;
    const owner = handle.ref.deref();
    showColumns(handle, owner, this.before);
    if (owner) for (const [column, value] of Object.entries(this.#others)) Reflect.set(owner, column, value);
  }

  rolledBack(): Promise<void> {
    return this.#objects.rolledBack();
  }

  doubted(): void {
    this.#objects.doubted();
  }

  /** Its object was stored by the work of a transaction, which makes row objects anew when it is tried again. */
  storedIn(scope: FileScope | undefined): void {
    let outermost = scope;
    while (outermost?.parent) outermost = outermost.parent;
    this.#storedIn = outermost;
  }

  /**
   * Its transaction is tried again: the object stays, and the row is to be written once more. What the transaction itself
   * has stored, and does not write by its end, is undone.
   */
  async retried(): Promise<void> {
    this.#written = false;
    const scope = this.#storedIn;
    if (scope && !scope.outcome && !this.#waits) this.#waitIn(scope);
  }

  /** COMMIT failed without a verdict: the object stays, since the row may name it. */
  async unknown(): Promise<void> {
    this.#leave();
    await this.#objects.unknown();
  }

  /**
   * It is not going to reach its row: takes back what was stored, at the end of the transaction where one is open, since
   * no storage is asked for anything meanwhile. Throws what the storage throws.
   */
  async undo(): Promise<void> {
    await this.#letGo();
    const scope = this.handle.field.model.binding?.scope?.();
    if (scope) scope.add(undoneLater(this));
    else await this.#objects.undo();
  }

  #waitIn(scope: FileScope): void {
    this.#waits = true;
    scope.add({ ...failedWithin(this), retried: async () => this.#waitIn(scope) });
  }

  async #letGo(): Promise<void> {
    const { again } = this.plan;
    if (again?.kind === 'content') await releaseSnapshot(again.content.from, this.handle.field.model.binding);
  }

  /** Takes this change out of its handle. False: it is not there any more. */
  #leave(earlier?: Staged, again?: Assigned): boolean {
    const { handle } = this;
    const { change } = handle;
    if ((change?.kind === 'staged' ? change.change : change?.over) !== this) return false;
    if (change?.kind !== 'staged') handle.change = { ...(change as Assigned), over: earlier };
    else handle.change = earlier ? { kind: 'staged', change: earlier } : again;
    return true;
  }
}

function columnsBefore(handle: FileState, owner: object | undefined, values: ColumnValues): ColumnValues {
  const { name } = handle.field;
  const columns: Record<string, string | number | null> = {};
  if (owner)
    for (const column of Object.keys(values)) {
      const value = (owner as Record<string, unknown>)[column];
      if (column !== name && value !== undefined) columns[column] = value as string | number | null;
    }
  columns[name] = handle.columnValue;
  return columns;
}
