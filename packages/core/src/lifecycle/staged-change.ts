import type { ColumnValues } from '../binding/binding.ts';
import { reported } from '../errors/report.ts';
import type { Handle } from '../field/handle.ts';
import type { Pending } from '../field/pending.ts';
import type { WriteId } from '../storage/backend.ts';
import type { Storage } from '../storage/storage.ts';
import type { ScopedChange } from './file-scope.ts';

/** What a change consists of. All of it data: nothing here reaches a row. */
export interface ChangePlan {
  readonly storage: Storage;
  /** The name and the columns beside it, as the row shall have them. */
  readonly values: ColumnValues;
  /** The object stored for it; absent when a file is adopted or cleared. */
  readonly write?: { readonly name: string; readonly writeId: WriteId };
  /** What is pending again after a rollback. */
  readonly again?: Pending | undefined;
}

/**
 * One change of one field of one row: its object is stored (or adopted, or is to go), its row is not known to be
 * committed. It ends in one of `committed`, `rolledBack` and `unknown`.
 */
export class StagedChange implements ScopedChange {
  readonly handle: Handle;
  readonly plan: ChangePlan;
  /** The row's columns before, as far as the row had them: what a rollback restores. */
  readonly #before: ColumnValues;
  /** An earlier change of the same transaction, whose turn it is again when this one is rolled back. */
  readonly #earlier: Pending | undefined;
  #written = false;

  constructor(handle: Handle, owner: object | undefined, plan: ChangePlan) {
    const { change } = handle;
    const earlier = change?.kind === 'staged' ? change.change : undefined;
    this.handle = handle;
    this.plan = plan;
    this.#before = earlier?.isWritten === false ? earlier.#before : columnsBefore(handle, owner, plan.values);
    this.#earlier = earlier?.isWritten ? change : undefined;
  }

  /** The row was updated, and its transaction is open. */
  get isWritten(): boolean {
    return this.#written;
  }

  /** The name before: what compare-and-set expects and a commit removes. */
  get oldName(): string | null {
    return this.#before[this.handle.field.name] as string | null;
  }

  /** Shows the change in memory: in the handle and, while it lives, in the row. */
  apply(owner: object | undefined): void {
    const { change } = this.handle;
    this.handle.field.writeColumns(this.handle, owner, this.plan.values);
    this.handle.change = { kind: 'staged', change: this };
    // What was staged before and never reached the row gives way: its object is nobody's.
    if (change?.kind === 'staged' && !change.change.isWritten) void reported(() => change.change.undo());
  }

  /** The row names the new file, as far as its transaction commits. */
  written(): void {
    this.#written = true;
  }

  async committed(): Promise<void> {
    this.#forget();
    const { storage, write } = this.plan;
    if (write) await reported(() => storage.settle(write.name, write.writeId));
    await reported(() => this.#removeOld());
  }

  async rolledBack(): Promise<void> {
    if (this.#isCurrent()) {
      const { handle, plan } = this;
      handle.field.writeColumns(handle, handle.ref.deref(), this.#before);
      handle.change = this.#earlier ?? plan.again;
    }
    await reported(() => this.undo());
  }

  /** COMMIT failed without a verdict: the object stays, since the row may name it. */
  async unknown(): Promise<void> {
    this.#forget();
  }

  /** Takes back the stored object; throws what the storage throws. */
  async undo(): Promise<void> {
    const { storage, write } = this.plan;
    if (write) await storage.undo(write.name, write.writeId);
  }

  #isCurrent(): boolean {
    const { change } = this.handle;
    return change?.kind === 'staged' && change.change === this;
  }

  #forget(): void {
    if (this.#isCurrent()) this.handle.change = undefined;
  }

  /** Without a binding nobody can tell whether a row still names the old object: it stays, as in Django. */
  async #removeOld(): Promise<void> {
    const { model, name } = this.handle.field;
    const { oldName, plan } = this;
    if (!model.binding || oldName === null || oldName === plan.values[name]) return;
    if (await model.binding.isReferenced(name, oldName, {})) return;
    await plan.storage.delete(oldName);
  }
}

function columnsBefore(handle: Handle, owner: object | undefined, values: ColumnValues): ColumnValues {
  const { name } = handle.field;
  const columns: Record<string, string | number | null> = {};
  if (owner)
    for (const column of Object.keys(values)) {
      const value = (owner as Record<string, unknown>)[column];
      if (column !== name && value !== undefined) columns[column] = value as string | number | null;
    }
  columns[name] = handle.value;
  return columns;
}
