import type { ObjectWrite, Storage, WriteId } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import { infoIfThere, reported } from '@fieldfile/storage/internal';
import { isUpload, settleClaim, undoClaim } from '../claim/claimed-object.ts';
import { removeDerived } from '../derived/derived-removal.ts';
import type { DeclaredField } from '../field/declared-field.ts';
import { whenFree } from '../field/held-object.ts';
import type { RowKey } from '../field/row-key.ts';
import type { Journal, Taking } from '../journal/journal.ts';
import { isReferenced } from '../journal/references.ts';
import { removeUnreferenced } from '../journal/remove-unreferenced.ts';
import type { SqlExecutor, SyncSqlExecutor } from '../journal/sql.ts';
import type { ScopedChange } from './file-scope.ts';

export interface ObjectChangeOptions {
  readonly field: DeclaredField;
  readonly storage: Storage;
  /** The object stored for it; absent when a file is adopted, cleared or deleted with its row. */
  readonly write?: Pick<ObjectWrite, 'name' | 'writeId'> | undefined;
  /** The intent that was begun for it, where there is a journal and something was. */
  readonly intent?: WriteId | undefined;
  readonly newName: string | null;
  readonly oldName: string | null;
  /** It was stored before its row was known: until then a rollback leaves it to wait for another try. In milliseconds since 1970. */
  readonly untilMs?: number | undefined;
  /** Until when something may come beside the object, which is to go: recovery looks then. In milliseconds since 1970. */
  readonly lateUntilMs?: number | undefined;
}

/**
 * What one change of one field of one row does to objects, through the end of its transaction. All of it is data:
 * nothing here reaches a row or a handle.
 */
export class ObjectChange implements ScopedChange {
  readonly #field: DeclaredField;
  readonly #storage: Storage;
  readonly #write: Pick<ObjectWrite, 'name' | 'writeId'> | undefined;
  readonly #intent: WriteId | undefined;
  readonly #oldName: string | null;
  /** The file that its row gets; null where it gets none, or keeps its own. */
  readonly #gotName: string | null;
  readonly #untilMs: number;
  readonly #lateUntilMs: number;
  /** The journal's entry, once there is one. */
  #entry: WriteId | undefined;
  #taken = false;
  #afterCommit: (() => Promise<void>) | undefined;
  /** Its row may be written, though its transaction rolls back. */
  #inDoubt = false;

  constructor(options: ObjectChangeOptions) {
    const { field, storage, write, intent, newName, oldName, untilMs = 0, lateUntilMs = 0 } = options;
    this.#field = field;
    this.#storage = storage;
    this.#write = write;
    this.#intent = intent;
    this.#entry = intent;
    this.#untilMs = untilMs;
    this.#lateUntilMs = lateUntilMs;
    this.#gotName = write || newName !== oldName ? newName : null;
    this.#oldName = oldName === newName || oldName === field.default ? null : oldName;
  }

  /** In the row's transaction, after the row was written: what fails here keeps it from committing. @throws `intent-lost`. */
  async take(key: RowKey | undefined, transaction: SqlExecutor | undefined): Promise<void> {
    try {
      await this.#take(key, transaction);
      this.#afterCommit = await this.#handOn(key, transaction);
    } catch (error) {
      this.#field.model.binding?.scope?.()?.refuseCommit(error);
      throw error;
    }
  }

  /** As `take`, in a transaction that cannot wait. @throws `intent-lost`. */
  takeSync(key: RowKey | undefined, transaction: SyncSqlExecutor | undefined): void {
    try {
      this.#afterCommit = () => reported(async () => (await this.#handOn(key, undefined))?.());
      const taking = this.#taking(key);
      if (!taking) return;
      this.#journal?.takeSync?.(taking, transaction);
      this.#hasTaken(taking);
    } catch (error) {
      this.#field.model.binding?.scope?.()?.refuseCommit(error);
      throw error;
    }
  }

  /** The row's transaction is committed: what is left to do is done, or left to `recover`. Never throws. */
  async committed(): Promise<void> {
    await reported(async () => {
      const oldName = this.#oldName;
      if ((await this.#orLeave(() => this.#settled())) && oldName !== null)
        await this.#whenFree(oldName, () => this.#orLeave(() => this.#removeOld(oldName)));
    });
    await this.#afterCommit?.();
  }

  /** The row's transaction was rolled back, or never began: what was stored is taken back. Throws what the storage throws. */
  async undo(): Promise<void> {
    const journal = this.#journal;
    const id = this.#entry;
    const waitsMs = this.#untilMs - Date.now();
    // A journal apart from the rows does not tell whether a row was committed that was to be rolled back.
    const mayBeCommitted = this.#inDoubt && journal?.apart === true;
    if (waitsMs > 0) {
      if (mayBeCommitted) return this.unknown();
      if (journal && id) await journal.handBack(id, waitsMs, this.#taken);
      return;
    }
    const name = this.#write?.name;
    const inTurn = (undo: () => Promise<void>): Promise<void> => (name ? this.#whenFree(name, undo) : undo());
    if (!journal || !id) {
      const committed = this.#inDoubt && name && (await isReferenced([this.#field], this.#storage.id, name));
      return committed ? undefined : inTurn(() => this.#undoWrite());
    }
    // What waited for any row, and was not taken here, may be another's by now.
    const mayBeTaken = this.#untilMs > 0 && !this.#taken;
    if (mayBeTaken && !(await this.#orLeave(() => journal.withdraw(id)))) return;
    // Committed all the same, or finished by recovery? Then the rows tell.
    const free = await this.#orLeave(() => journal.release(id));
    const asks = !free || mayBeCommitted;
    const named =
      asks && name && (await this.#orLeave(() => isReferenced(journal.fields, this.#storage.id, name)));
    if (named || (mayBeCommitted && !name)) return journal.postpone(id);
    await inTurn(() =>
      this.#orLeave(async () => {
        await this.#undoWrite();
        // Taken and committed all the same: the object it replaced is still to be removed.
        if (!free) await journal.postpone(id);
        else if (this.#lateMs > 0) await journal.postpone(id, this.#lateMs);
        else await journal.end(id);
      }),
    );
  }

  doubted(): void {
    this.#inDoubt = true;
  }

  /** Nothing here is shown anywhere. */
  restore(): void {}

  async rolledBack(): Promise<void> {
    await reported(() => this.undo());
  }

  /** Whoever tries the transaction again announces it anew. */
  retried(): Promise<void> {
    return this.rolledBack();
  }

  /**
   * COMMIT failed without a verdict: nothing is touched, and recovery decides. What waits for a row goes on waiting, unless it
   * has got one. Never throws.
   */
  async unknown(): Promise<void> {
    const journal = this.#journal;
    const id = this.#entry;
    if (!journal || !id) return;
    await reported(async () => {
      if (!(await this.#waitsAgain(journal, id))) await journal.postpone(id);
    });
  }

  /** A journal among the rows knows whether its entry was taken with the row. Else the rows tell. */
  async #waitsAgain(journal: Journal, id: WriteId): Promise<boolean> {
    const waitsMs = this.#untilMs - Date.now();
    const name = this.#write?.name;
    if (waitsMs <= 0 || name === undefined) return false;
    const rowsTell = journal.apart || this.#inDoubt;
    if (rowsTell && (await isReferenced(journal.fields, this.#storage.id, name))) return false;
    return journal.handBack(id, waitsMs, this.#taken);
  }

  /** The storage keeps something of the write until its row is committed. */
  get #settles(): boolean {
    return this.#write !== undefined && (this.#storage.backend.settle !== undefined || this.#lateMs > 0);
  }

  get #lateMs(): number {
    return this.#lateUntilMs - Date.now();
  }

  /** The entry of a claim, where a client has made the object. */
  get #claim(): WriteId | undefined {
    return isUpload(this.#write, this.#intent) ? this.#intent : undefined;
  }

  get #journal(): Journal | undefined {
    return this.#field.model.binding?.journal;
  }

  async #take(key: RowKey | undefined, transaction: SqlExecutor | undefined): Promise<void> {
    const taking = this.#taking(key);
    if (!taking) return;
    await this.#journal?.take(taking, transaction);
    this.#hasTaken(taking);
  }

  /** What is to be taken of the journal, if anything. */
  #taking(key: RowKey | undefined): Taking | undefined {
    const journal = this.#journal;
    if (!journal || (!this.#intent && this.#oldName === null)) return undefined;
    // Apart from the rows, an attempt that was rolled back has announced it already.
    if (this.#taken && journal.apart) return undefined;
    const { model, name } = this.#field;
    return {
      id: this.#entry ?? newWriteId(),
      begun: this.#intent !== undefined,
      storage: this.#storage.id,
      oldName: this.#oldName,
      settles: this.#settles,
      model: model.name,
      field: name,
      key: key ?? null,
    };
  }

  #hasTaken({ id }: Taking): void {
    this.#entry = id;
    this.#taken = true;
  }

  /** @returns what is to be done after the commit. */
  async #handOn(
    key: RowKey | undefined,
    transaction: SqlExecutor | undefined,
  ): Promise<(() => Promise<void>) | undefined> {
    if (!this.#gotName || !this.#field.enqueue) return undefined;
    const { handOn } = await import('../derived/hand-on.ts'); // most fields derive nothing
    return handOn(this.#field, this.#gotName, key, transaction);
  }

  /** The storage is told that the object stays. False: the entry is recovery's, or nothing more is to be done. */
  async #settled(): Promise<boolean> {
    const journal = this.#journal;
    const id = this.#entry;
    if (journal && id && this.#settles && !(await journal.isTaken(id))) {
      await journal.postpone(id);
      return false;
    }
    if (this.#write && this.#claim) await settleClaim(this.#storage, this.#write.name, this.#claim);
    else if (this.#write) await this.#storage.settle(this.#write.name, this.#write.writeId);
    if (this.#oldName !== null) return true;
    if (journal && id) await this.#ended(journal, id);
    return false;
  }

  /** What fails is left to recovery, and thrown. */
  async #orLeave<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (this.#journal && this.#entry) await this.#journal.postpone(this.#entry, 1000, error);
      throw error;
    }
  }

  /** The change is done, but for what may still come. */
  #ended(journal: Journal, id: WriteId): Promise<void> {
    return this.#lateMs > 0 ? journal.postpone(id, this.#lateMs) : journal.endTaken(id);
  }

  async #undoWrite(): Promise<void> {
    if (this.#write && this.#claim) await undoClaim(this.#storage, this.#write.name, this.#claim);
    else if (this.#write) await this.#storage.undo(this.#write.name, this.#write.writeId);
  }

  /** Another row may be about to copy the object: it is kept until then, and so is the journal's entry. */
  #whenFree(name: string, run: () => Promise<void>): Promise<void> {
    const journal = this.#journal;
    const id = this.#entry;
    if (!journal || !id) return whenFree(this.#storage.id, name, run);
    const everyMs = Math.min(journal.leaseMs / 3, 1000);
    return whenFree(this.#storage.id, name, run, { everyMs, stillOurs: () => journal.renew(id) });
  }

  async #removeOld(oldName: string): Promise<void> {
    const journal = this.#journal;
    const id = this.#entry;
    if (!journal || !id) return this.#removeWithoutJournal(oldName);
    const { keepRemovedMs } = journal;
    if (keepRemovedMs > 0) {
      const kept = await infoIfThere(this.#storage, oldName, {});
      if (kept) await journal.aim(id, kept.version);
      return await journal.postpone(id, Math.max(keepRemovedMs, this.#lateMs));
    }
    const removal = await removeUnreferenced(journal, this.#storage, oldName, id);
    if (removal === 'busy') await journal.postpone(id, 1000);
    else await this.#ended(journal, id);
  }

  /** Without a binding nobody can tell whether a row still names the old object: it stays, as in Django. */
  async #removeWithoutJournal(oldName: string): Promise<void> {
    if (!this.#field.model.binding || (await isReferenced([this.#field], this.#storage.id, oldName))) return;
    await this.#storage.delete(oldName);
    await removeDerived([this.#field], this.#storage.id, oldName);
  }
}
