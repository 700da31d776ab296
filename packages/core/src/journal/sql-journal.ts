import { FieldFileError, type ObjectVersion, type WriteId } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import { reported } from '@fieldfile/storage/internal';
import type { ReferringField } from '../field/declared-fields.ts';
import type { RowKey } from '../field/row-key.ts';
import { Application, IS_ENTRY } from './application.ts';
import { sqlDialect } from './dialect.ts';
import type { EntryState, Intent, Journal, JournalEntry, Taking } from './journal.ts';
import { DEFAULT_TABLE, quotedTable } from './journal-table.ts';
import { Leases } from './leases.ts';
import type { SqlExecutor, SqlValue, SyncSqlExecutor } from './sql.ts';
import { milliseconds, type SqlJournalOptions } from './sql-journal-options.ts';
import { ENTRY, entryOf, list, NEVER, Statements } from './statements.ts';
import { everyIdOf } from './storage-ids.ts';

/** What tells living processes from dead ones, where there is such a thing. */
export interface Processes {
  /** This one's name. */
  readonly own: string;
  /** Those of the given processes that are no more, and whose entries are now this one's to finish. */
  dead(processes: readonly string[]): Promise<readonly string[]>;
}

interface Statement {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

/**
 * The journal as a table in the database that has the rows: a change is taken in the row's own transaction, so that
 * both are committed or neither is.
 *
 * @throws `invalid-argument` for options out of range.
 *
 * @example
 * ```ts
 * import { SqlJournal } from '@fieldfile/core/journal';
 *
 * declare const pool: {
 *   query(sql: string, parameters: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
 * };
 * export const journal = new SqlJournal({
 *   dialect: 'postgresql',
 *   execute: (sql, parameters) => pool.query(sql, [...parameters]),
 * });
 * ```
 */
export class SqlJournal implements Journal {
  readonly fields: Set<ReferringField> = new Set();
  readonly apart: boolean;
  readonly database: object | undefined;
  readonly keepRemovedMs: number;
  readonly leaseMs: number;
  readonly #sql: Statements;
  readonly #table: string;
  readonly #now: string;
  readonly #againMs: readonly number[];
  readonly #leases: Leases;
  readonly #application: Application;
  readonly #processes: Processes | undefined;
  readonly #executeSync: SyncSqlExecutor | undefined;
  /** What was taken or claimed here, under which name, and until when nobody else takes it up, by this process's own steady clock. */
  readonly #held = new Map<string, { readonly claimer: string; readonly untilMs: number }>();

  /** @param executeSync runs the journal's own statements at once, where it is apart from the rows and its driver does. */
  constructor(options: SqlJournalOptions, processes?: Processes, executeSync?: SyncSqlExecutor) {
    const { table = DEFAULT_TABLE, leaseSeconds = 60, keepRemovedSeconds = 0 } = options;
    this.#sql = new Statements(sqlDialect(options.dialect), options.execute);
    this.database = options.execute.database;
    this.#table = quotedTable(options.dialect, table);
    this.#now = this.#sql.dialect.nowMs;
    this.leaseMs = milliseconds('leaseSeconds', leaseSeconds);
    this.keepRemovedMs = milliseconds('keepRemovedSeconds', keepRemovedSeconds);
    const again = options.undoAgainSeconds ?? [3600, 86_400];
    this.#againMs = again.map(seconds => milliseconds('undoAgainSeconds', seconds));
    this.#application = new Application(this.#sql, this.#table, options.application);
    this.#processes = processes;
    this.#executeSync = executeSync;
    this.apart = processes !== undefined;
    this.#leases = new Leases(ids => reported(() => this.#renew(ids)), Math.max(this.leaseMs / 3, 10));
  }

  application(): Promise<string> {
    return this.#application.name();
  }

  async begin(intent: Intent, transaction?: SqlExecutor): Promise<void> {
    const { id, kind, model, field, storage, name } = intent;
    const replaces = kind === 'replace';
    const within = replaces ? this.#within(transaction) : undefined;
    let isReplaced = false;
    try {
      if (replaces) await this.#takeOver(intent, within);
      const { sql, parameters } = this.#insertion({ ...intent, oldName: null }, 'open', this.leaseMs, null);
      await this.#sql.run(sql, parameters, within);
      // Written first and read second, by each of two: one of them sees the other, or both looked at the same version.
      if (replaces) isReplaced = await this.#hasRival(intent, within);
    } catch (error) {
      throw new FieldFileError(
        'journal',
        `The journal could not be written, so nothing was stored for ${model}.${field}: see the cause.`,
        { operation: 'begin', storage, name, field: `${model}.${field}`, retryable: true, cause: error },
      );
    }
    if (isReplaced) {
      if (this.apart) await this.end(id);
      throw beingReplaced(intent);
    }
    if (!this.#processes) this.#leases.add(id);
  }

  async rename(id: WriteId, name: string): Promise<void> {
    const hit = await this.#sql.write(
      `UPDATE ${this.#table} SET object_name = ?, due = ${this.#now} + ? WHERE id = ? AND ${FREE}`,
      [name, this.leaseMs, id],
    );
    if (hit !== 1) throw intentLost(id, 'rename');
  }

  async take(taking: Taking, transaction: SqlExecutor | undefined): Promise<void> {
    const within = this.#within(transaction);
    const { sql, parameters } = this.#taking(taking);
    if ((await this.#sql.write(sql, parameters, within)) !== 1) throw intentLost(taking.id, 'take');
  }

  takeSync(taking: Taking, transaction: SyncSqlExecutor | undefined): void {
    const within = this.apart ? this.#executeSync : transaction;
    if (!within) throw transactionMissing();
    const { sql, parameters } = this.#taking(taking);
    if (this.#sql.writeSync(sql, parameters, within) !== 1) throw intentLost(taking.id, 'take');
  }

  async beginRemoval(removal: Parameters<Journal['beginRemoval']>[0]): Promise<void> {
    const { id } = removal;
    this.#held.set(id, { claimer: id, untilMs: performance.now() + this.leaseMs });
    const entry = { ...removal, kind: 'remove', name: null, key: null } as const;
    const { sql, parameters } = this.#insertion(entry, 'taken', this.leaseMs, id);
    await this.#sql.run(sql, parameters);
  }

  async release(id: WriteId): Promise<boolean> {
    this.#leases.delete(id);
    // What the rows' own transaction took is committed; apart from the rows, it was only announced.
    const undoable = this.apart ? '' : ` AND state <> 'taken'`;
    const hit = await this.#sql.write(
      `UPDATE ${this.#table} SET state = 'open', claimed_by = ?, due = ${this.#now} + ? WHERE id = ?${undoable}`,
      [id, this.leaseMs, id],
    );
    return hit === 1;
  }

  async resume(id: WriteId): Promise<boolean> {
    const values = [this.#processes?.own ?? null, this.leaseMs];
    const isOurs = await this.#writeFree(id, `process = ?, due = ${this.#now} + ?`, values);
    if (isOurs && !this.#processes) this.#leases.add(id);
    return isOurs;
  }

  async handBack(id: WriteId, afterMs: number, wasTaken = false): Promise<boolean> {
    this.#leases.delete(id);
    const set = `state = 'open', claimed_by = NULL, process = NULL, due = ${this.#now} + ?`;
    const values = [Math.min(Math.round(afterMs), LONGEST_MS)];
    // The transaction that took it is over, and its lock soon, too.
    const waited = `UPDATE ${this.#table} SET ${set} WHERE id = ? AND ${this.apart ? REPLACING : FREE}`;
    const isBack = wasTaken
      ? (await this.#sql.write(waited, [...values, id])) === 1
      : await this.#writeFree(id, set, values);
    if (isBack) this.#forget(id); // else another change may be at work on it
    return isBack;
  }

  withdraw(id: WriteId): Promise<boolean> {
    this.#leases.delete(id);
    return this.#writeFree(id, `claimed_by = ?, process = ?, due = ${this.#now} + ?`, [
      ...[id, this.#processes?.own ?? null, this.leaseMs],
    ]);
  }

  async aim(id: WriteId, version: ObjectVersion): Promise<boolean> {
    const claimer = this.#held.get(id)?.claimer ?? id;
    const hit = await this.#sql.write(`UPDATE ${this.#table} SET old_version = ? WHERE id = ? AND ${OURS}`, [
      version,
      id,
      claimer,
    ]);
    return hit === 1;
  }

  async renew(id: WriteId): Promise<boolean> {
    const claimer = this.#held.get(id)?.claimer ?? id;
    const untilMs = performance.now() + this.leaseMs;
    const hit = await this.#sql.write(
      `UPDATE ${this.#table} SET due = ${this.#now} + ? WHERE id = ? AND claimed_by = ?`,
      [this.leaseMs, id, claimer],
    );
    if (hit === 1) this.#held.set(id, { claimer, untilMs });
    return hit === 1;
  }

  async isTaken(id: WriteId): Promise<boolean> {
    return this.apart || this.#any(`id = ? AND state = 'taken'`, [id]);
  }

  async endTaken(id: WriteId): Promise<void> {
    const claimer = this.#forget(id);
    await this.#sql.run(`DELETE FROM ${this.#table} WHERE id = ? AND state = 'taken' AND ${OURS}`, [
      id,
      claimer,
    ]);
  }

  async end(id: WriteId): Promise<void> {
    const claimer = this.#forget(id);
    await this.#sql.run(`DELETE FROM ${this.#table} WHERE id = ? AND ${OURS}`, [id, claimer]);
  }

  async postpone(id: WriteId, afterMs: number = 0, error?: unknown): Promise<void> {
    const claimer = this.#forget(id);
    // What was claimed before it was taken stays claimed: nothing may be committed on it.
    await this.#sql.run(
      `UPDATE ${this.#table} SET due = ${this.#now} + ?, process = NULL, last_error = ?, claimed_by = CASE state WHEN 'taken' THEN NULL ELSE claimed_by END WHERE ${this.#unlocked(`id = ? AND ${OURS}`)}`,
      [Math.round(afterMs), error === undefined ? null : describe(error), id, claimer],
    );
  }

  holds(id: WriteId): boolean {
    const held = this.#held.get(id);
    return held !== undefined && (this.apart || performance.now() < held.untilMs);
  }

  hasWriter(storage: string, name: string, except: WriteId): Promise<boolean> {
    const undecided = this.apart ? ANNOUNCED : `state = 'open'`;
    const ids = everyIdOf(storage, this.fields);
    // A replacement gives its name to no row, and takes back what came too late for the row that had it.
    const where = `object_name = ? AND storage IN (${list(ids.length)}) AND id <> ? AND kind <> 'replace' AND ${undecided}`;
    return this.#any(where, [name, ...ids, except]);
  }

  hasRemover(storage: string, name: string): Promise<boolean> {
    const ids = everyIdOf(storage, this.fields);
    const where = `old_name = ? AND storage IN (${list(ids.length)}) AND claimed_by IS NOT NULL`;
    return this.#any(where, [name, ...ids]);
  }

  /** Whether somebody else is replacing the object. */
  #hasRival({ id, storage, name }: Intent, within: SqlExecutor | undefined): Promise<boolean> {
    const ids = everyIdOf(storage, this.fields);
    const where = `kind = 'replace' AND object_name = ? AND storage IN (${list(ids.length)}) AND id <> ? AND ${REPLACING}`;
    return this.#any(where, [name, ...ids, id], within);
  }

  /** Whoever replaced the object before and is silent since may not go on: recovery ends its entry, as if it had come first. */
  async #takeOver({ id, storage, name }: Intent, within: SqlExecutor | undefined): Promise<void> {
    const unattended = await this.#unattended();
    if (!unattended) return;
    const ids = everyIdOf(storage, this.fields);
    await this.#sql.run(
      `UPDATE ${this.#table} SET claimed_by = ? WHERE kind = 'replace' AND object_name = ? AND storage IN (${list(ids.length)}) AND ${FREE} AND due <= ${this.#now}${unattended.condition}`,
      [id, name, ...ids, ...unattended.processes],
      within,
    );
  }

  async claim(limit: number): Promise<readonly JournalEntry[]> {
    requireCount('limit', limit);
    const unattended = await this.#unattended();
    if (!unattended) return [];
    const where = `due <= ${this.#now} AND ${IS_ENTRY}${unattended.condition}`;
    const locking = this.#sql.dialect.skipLocked ? ' FOR UPDATE SKIP LOCKED' : '';
    const next = `SELECT id FROM ${this.#table} WHERE ${where} ORDER BY due LIMIT ${limit}${locking}`;
    const claimer = newWriteId();
    const untilMs = performance.now() + this.leaseMs;
    const set = `UPDATE ${this.#table} SET claimed_by = ?, process = ?, attempts = attempts + 1, due = ${this.#now} + ?`;
    const values = [claimer, this.#processes?.own ?? null, this.leaseMs];
    const { dialect } = this.#sql;
    if (dialect.returning) {
      const sql = `${set} WHERE id IN (${next}) RETURNING ${ENTRY}`;
      const { rows } = await this.#sql.run(sql, [...values, ...unattended.processes]);
      return this.#claimed(rows, claimer, untilMs);
    }
    // MySQL: no sub-select on the table itself. The first statement only passes over what transactions have locked.
    const ids = (await this.#sql.run(next, unattended.processes)).rows.map(row => row.id as string);
    if (ids.length === 0) return [];
    await this.#sql.run(`${set} WHERE ${where} AND id IN (${list(ids.length)})`, [
      ...values,
      ...unattended.processes,
      ...ids,
    ]);
    const sql = `SELECT ${ENTRY} FROM ${this.#table} WHERE claimed_by = ?`;
    return this.#claimed((await this.#sql.run(sql, [claimer])).rows, claimer, untilMs);
  }

  async undone({ id, state, attempts }: JournalEntry): Promise<void> {
    const looks = state === 'undone' ? attempts : 0;
    const againMs = this.apart ? undefined : this.#againMs[looks];
    if (againMs === undefined) return this.end(id);
    const claimer = this.#forget(id);
    await this.#sql.run(
      `UPDATE ${this.#table} SET state = 'undone', attempts = ?, last_error = NULL, due = ${this.#now} + ? WHERE id = ? AND ${OURS}`,
      [looks, againMs, id, claimer],
    );
  }

  async setAside(id: WriteId, error: unknown): Promise<void> {
    const claimer = this.#forget(id);
    await this.#sql.run(
      `UPDATE ${this.#table} SET last_error = ?, process = NULL, due = ${NEVER} WHERE id = ? AND ${OURS}`,
      [describe(error), id, claimer],
    );
  }

  async entries({ limit = 1000 }: { readonly limit?: number } = {}): Promise<readonly JournalEntry[]> {
    requireCount('limit', limit);
    const { rows } = await this.#sql.run(
      `SELECT ${ENTRY} FROM ${this.#table} WHERE ${IS_ENTRY} ORDER BY due LIMIT ${limit}`,
      [],
    );
    return rows.map(entryOf);
  }

  retry(): Promise<number> {
    return this.#sql.write(
      `UPDATE ${this.#table} SET attempts = 0, due = ${this.#now} WHERE due = ${NEVER}`,
      [],
    );
  }

  /** The statement that takes an entry: it writes one row. */
  #taking(taking: Taking): Statement {
    const { id, begun, oldName, settles } = taking;
    this.#leases.delete(id);
    // Before the statement is sent, so that the time here is never longer than the one in the table.
    this.#held.set(id, { claimer: id, untilMs: performance.now() + this.leaseMs });
    const dueMs = oldName === null ? this.leaseMs : Math.max(this.leaseMs, this.keepRemovedMs);
    if (!begun) return this.#insertion({ ...taking, kind: 'remove', name: null }, 'taken', dueMs, id);
    if (!settles && oldName === null && !this.apart)
      return { sql: `DELETE FROM ${this.#table} WHERE id = ? AND ${FREE}`, parameters: [id] };
    return {
      sql: `UPDATE ${this.#table} SET state = 'taken', old_name = ?, claimed_by = ?, due = ${this.#now} + ? WHERE id = ? AND ${FREE}`,
      parameters: [oldName, id, dueMs, id],
    };
  }

  #insertion(
    entry: Pick<JournalEntry, 'id' | 'kind' | 'storage' | 'name' | 'oldName' | 'model' | 'field'> & {
      readonly key: RowKey | null;
    },
    state: EntryState,
    dueMs: number,
    claimer: string | null,
  ): Statement {
    const { id, kind, storage, name, oldName, model, field, key } = entry;
    const process = this.#processes?.own ?? null;
    return {
      sql:
        `INSERT INTO ${this.#table} (id, kind, state, storage, object_name, old_name, model, field, row_key, process, claimed_by, attempts, due) ` +
        `VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ${this.#now} + ?)`,
      parameters: [
        ...[id, kind, state, storage, name, oldName, model, field],
        ...[key && keyText(key), process, claimer, Math.round(dueMs)],
      ],
    };
  }

  async #renew(ids: readonly string[]): Promise<void> {
    for (let start = 0; start < ids.length; start += 500) {
      const some = ids.slice(start, start + 500);
      await this.#sql.run(
        `UPDATE ${this.#table} SET due = ${this.#now} + ? WHERE ${this.#unlocked(`id IN (${list(some.length)}) AND ${FREE}`)}`,
        [this.leaseMs, ...some],
      );
    }
  }

  /**
   * Writes to an entry that waits for a row. A transaction that is taking it is not waited for: who asks may be within that
   * transaction, or stand in front of it at the journal's only connection. What another statement has locked is free again soon.
   */
  async #writeFree(id: WriteId, set: string, values: readonly SqlValue[]): Promise<boolean> {
    const { returning, skipLocked } = this.#sql.dialect;
    const where = `id = ? AND ${FREE}`;
    const passing = `SELECT id FROM ${this.#table} WHERE ${where} FOR UPDATE SKIP LOCKED`;
    const writing = `UPDATE ${this.#table} SET ${set} WHERE ${this.#unlocked(where)}`;
    for (let attempt = 1; ; attempt++) {
      // MySQL: no sub-select on the table itself.
      const isLocked = skipLocked && !returning && (await this.#sql.run(passing, [id])).rows.length === 0;
      if (!isLocked && (await this.#sql.write(writing, [...values, id])) === 1) return true;
      if (!skipLocked || attempt === ATTEMPTS || !(await this.#any(where, [id]))) return false;
      await new Promise(resolve => setTimeout(resolve, LOCKED_MS * 2 ** (attempt - 1)));
    }
  }

  async #any(where: string, parameters: readonly string[], transaction?: SqlExecutor): Promise<boolean> {
    const { rows } = await this.#sql.run(
      `SELECT id FROM ${this.#table} WHERE ${where} LIMIT 1`,
      parameters,
      transaction,
    );
    return rows.length > 0;
  }

  /** Which entries no living process has; undefined: none of them can be ours. */
  async #unattended(): Promise<
    { readonly condition: string; readonly processes: readonly string[] } | undefined
  > {
    if (!this.#processes) return { condition: '', processes: [] };
    const { rows } = await this.#sql.run(`SELECT DISTINCT process FROM ${this.#table}`, []);
    if (rows.length === 0) return undefined;
    const named = rows.flatMap(({ process }) => (typeof process === 'string' ? [process] : []));
    const processes = await this.#processes.dead(named);
    return { condition: ` AND (process IS NULL OR process IN (${list(processes.length)}))`, processes };
  }

  #claimed(
    rows: readonly Readonly<Record<string, unknown>>[],
    claimer: string,
    untilMs: number,
  ): readonly JournalEntry[] {
    // What somebody in this process is still at work on, past its lease, is looked at once the claim has expired.
    const entries = rows.map(entryOf).filter(({ id }) => !this.#held.has(id));
    for (const { id } of entries) this.#held.set(id, { claimer, untilMs });
    return entries;
  }

  /**
   * Passes over what an open transaction has locked, where that can be said in one statement: waiting for it would take
   * as long as it likes, and with locks of our own in hand end in a deadlock.
   */
  #unlocked(where: string): string {
    const { returning, skipLocked } = this.#sql.dialect;
    return returning && skipLocked
      ? `id IN (SELECT id FROM ${this.#table} WHERE ${where} FOR UPDATE SKIP LOCKED)`
      : where;
  }

  /** Where a row's transaction takes an entry. */
  #within(transaction: SqlExecutor | undefined): SqlExecutor | undefined {
    if (this.apart) return undefined;
    if (transaction) return transaction;
    throw transactionMissing();
  }

  /** @returns under which name it was ours. */
  #forget(id: string): string {
    const claimer = this.#held.get(id)?.claimer ?? id;
    this.#held.delete(id);
    this.#leases.delete(id);
    return claimer;
  }
}

/** An intent that nobody has claimed and no row has taken. */
const FREE = `state = 'open' AND claimed_by IS NULL`;

/** Longer would be no number any more that JavaScript reads from the table, nor less than `NEVER`. */
const LONGEST_MS = 8e15;

/** So often an entry is looked for that is locked, after this long once more, and each time after twice as long: a commit may take 300 ms. */
const ATTEMPTS = 5;
const LOCKED_MS = 20;

/** A replacement that may still write its columns: apart from the rows, it has only announced them. */
const REPLACING = `((${FREE}) OR (state = 'taken' AND claimed_by = id))`;

/** Only of an entry that nothing else has claimed: recovery ends what it has claimed. */
const OURS = '(claimed_by IS NULL OR claimed_by = ?)';

/**
 * Apart from the rows, what was just taken may not be committed yet, and would not be seen in them. What was taken in
 * the row's own transaction is seen; counting it would let two entries wait for each other.
 */
const ANNOUNCED = `(state = 'open' OR (state = 'taken' AND claimed_by = id))`;

const transactionMissing = (): FieldFileError =>
  new FieldFileError(
    'invalid-argument',
    'The binding gives no transaction to take a journal entry in: pass its SQL executor, or use a journal apart from the rows.',
    { operation: 'take' },
  );

function intentLost(id: WriteId, operation: string): FieldFileError {
  return new FieldFileError(
    'intent-lost',
    `The journal entry ${id} is no longer this process's: it was silent for longer than its lease, or the transaction ` +
      'began before the upload and cannot see it. Roll back and save again, uploading before the transaction begins.',
    { operation, retryable: true },
  );
}

const beingReplaced = ({ model, field, storage, name }: Intent): FieldFileError =>
  new FieldFileError(
    'conflict',
    `The object ${JSON.stringify(name)} of ${model}.${field} is being replaced by somebody else: nothing was written. Load the ` +
      'row again when that has ended; one that was cut off ends with the next recover(), or when its lease is over.',
    { operation: 'replace', storage, name, field: `${model}.${field}`, retryable: true },
  );

/** A number that stands in SQL text: MySQL takes no parameter there. */
function requireCount(option: string, count: unknown): void {
  if (Number.isSafeInteger(count) && (count as number) >= 1) return;
  throw new FieldFileError(
    'invalid-argument',
    `${option} must be a whole number from 1, not ${typeof count === 'number' ? count : `a ${typeof count}`}.`,
    { operation: 'journal' },
  );
}

const describe = (error: unknown): string =>
  String(error instanceof Error ? error.message : error).slice(0, 2000);

const keyText = (key: RowKey): string =>
  JSON.stringify(key, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
