import { MemoryStorage } from '@fieldfile/memory';
import type { ObjectVersion } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import { mariadbMissing } from '@fieldfile/test-servers/mariadb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Intent } from '../../src/journal/journal.ts';
import { journalTable } from '../../src/journal/journal-table.ts';
import type { SqlExecutor } from '../../src/journal/sql.ts';
import { SqlJournal } from '../../src/journal/sql-journal.ts';
import type { SqlJournalOptions } from '../../src/journal/sql-journal-options.ts';
import type { JournalDatabase } from './database.ts';
import { intent, STORAGE, taking } from './entries.ts';
import { mariadbDatabase } from './mariadb-database.ts';
import { postgresDatabase } from './postgres-database.ts';

const missing = mariadbMissing();

describe('a journal in PostgreSQL', () => contract(postgresDatabase));
describe.skipIf(missing)(`a journal in MariaDB${missing ? ` (${missing})` : ''}`, () =>
  contract(mariadbDatabase),
);

function contract(start: () => Promise<JournalDatabase>): void {
  let database: JournalDatabase;
  let tables = 0;

  beforeAll(async () => {
    database = await start();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  /** A table of its own, and as many journals on it as processes. */
  async function fixture(options: Partial<SqlJournalOptions> = {}) {
    const table = `journal_${++tables}`;
    const { dialect, execute } = database;
    for (const statement of journalTable(dialect, table)) await execute(statement, []);
    const open = (more: Partial<SqlJournalOptions> = {}): SqlJournal =>
      new SqlJournal({ dialect, execute, table, leaseSeconds: 3600, ...options, ...more });
    return {
      table,
      open,
      journal: open(),
      /** As if the database's clock had gone on; backwards with a negative number. */
      later: (seconds: number) => execute(`UPDATE ${table} SET due = due - ${seconds * 1000}`, []),
      column: async (name: string) =>
        (await execute(`SELECT ${name} AS value FROM ${table}`, [])).rows[0]?.value,
    };
  }

  async function committed(work: (sql: SqlExecutor) => Promise<void>): Promise<void> {
    const transaction = await database.begin();
    try {
      await work(transaction.execute);
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
    await transaction.commit();
  }

  test('all processes have one id of the application, also those that ask first together, and it is no entry', async () => {
    const { open, journal, later } = await fixture();
    const ids = await Promise.all(Array.from({ length: 8 }, () => open().application()));
    expect(new Set(ids).size).toBe(1);
    expect(await open({ application: 'staging' }).application()).toBe('staging');
    await later(Number.MAX_SAFE_INTEGER / 1000);
    expect(await journal.claim(10)).toEqual([]);
    expect(await journal.entries()).toEqual([]);
    expect(await journal.retry()).toBe(0);
    expect(await journal.application()).toBe(ids[0]);
  });

  const replacing = (name: string): Intent => intent(name, { kind: 'replace' });

  test('a replacement is committed with its row or not at all, and its end with the columns', async () => {
    const { journal } = await fixture();
    const one = replacing('a');
    const rolledBack = committed(async sql => {
      await journal.begin(one, sql);
      throw new Error('rolled back');
    });
    await expect(rolledBack).rejects.toThrow('rolled back');
    await journal.end(one.id);
    expect(await journal.entries()).toEqual([]);
    await committed(sql => journal.begin(one, sql));
    expect(await journal.entries()).toMatchObject([
      { id: one.id, kind: 'replace', state: 'open', name: 'a' },
    ]);
    const undone = committed(async sql => {
      await journal.take(taking(one.id, { settles: false }), sql);
      throw new Error('rolled back');
    });
    await expect(undone).rejects.toThrow('rolled back');
    expect(await journal.entries()).toHaveLength(1);
    await committed(sql => journal.take(taking(one.id, { settles: false }), sql));
    expect(await journal.entries()).toEqual([]);
  });

  test('a replacement needs the transaction of its row', async () => {
    const { journal } = await fixture();
    await expect(journal.begin(replacing('a'))).rejects.toMatchObject({ code: 'invalid-argument' });
    expect(await journal.entries()).toEqual([]);
  });

  test('of two who replace one object the second is a conflict, until the first has ended', async () => {
    const { journal, open } = await fixture();
    const [one, other, elsewhere] = [replacing('a'), replacing('a'), replacing('b')];
    const rival = open();
    await committed(sql => journal.begin(one, sql));
    await expect(committed(sql => rival.begin(other, sql))).rejects.toMatchObject({
      code: 'conflict',
      retryable: true,
    });
    await committed(sql => rival.begin(elsewhere, sql));
    expect((await journal.entries()).map(({ id }) => id).sort()).toEqual([one.id, elsewhere.id].sort());
    await journal.end(one.id);
    await committed(sql => rival.begin(other, sql));
  });

  test('who was silent for longer than the lease may be followed, and writes nothing any more', async () => {
    const { journal, open, later } = await fixture();
    const [silent, next] = [replacing('a'), replacing('a')];
    await committed(sql => journal.begin(silent, sql));
    await later(3601);
    await committed(sql => open().begin(next, sql));
    const late = committed(sql => journal.take(taking(silent.id, { settles: false }), sql));
    await expect(late).rejects.toMatchObject({ code: 'intent-lost' });
    await committed(sql => open().take(taking(next.id, { settles: false }), sql));
    // The silent one's is recovery's to end.
    expect(await open().claim(10)).toMatchObject([{ id: silent.id, kind: 'replace' }]);
  });

  test('a replacement that recovery has claimed writes nothing any more', async () => {
    const { journal, open, later } = await fixture();
    const one = replacing('a');
    await committed(sql => journal.begin(one, sql));
    await later(3601);
    expect(await open().claim(10)).toMatchObject([{ id: one.id }]);
    const late = committed(sql => journal.take(taking(one.id, { settles: false }), sql));
    await expect(late).rejects.toMatchObject({ code: 'intent-lost' });
  });

  test('whoever replaces an object keeps nobody from removing it: its row names it, or gave it up', async () => {
    const { journal } = await fixture();
    await committed(sql => journal.begin(replacing('a'), sql));
    expect(await journal.hasWriter(STORAGE, 'a', newWriteId())).toBe(false);
    expect(await journal.hasRemover(STORAGE, 'a')).toBe(false);
  });

  test('the statements that make the table can run again', async () => {
    const { table } = await fixture();
    for (const statement of journalTable(database.dialect, table)) await database.execute(statement, []);
  });

  test('an intent is there before anything else happens, with what it is about', async () => {
    const { journal } = await fixture();
    const begun = intent('a.png', { key: { tenant: 7n, id: 'x' } });
    await journal.begin(begun);
    expect(await journal.entries()).toEqual([
      {
        ...{ id: begun.id, kind: 'store', state: 'open', storage: STORAGE, name: 'a.png', oldName: null },
        ...{ model: 'user', field: 'avatar', key: '{"tenant":"7","id":"x"}' },
        ...{ attempts: 0, lastError: null, setAside: false, oldVersion: null },
      },
    ]);
  });

  test('an intent that cannot be written is an error that says so', async () => {
    const { open } = await fixture();
    const broken = open({ table: 'no_such_table' });
    await expect(broken.begin(intent('a.png'))).rejects.toMatchObject({ code: 'journal', retryable: true });
  });

  test('the next name takes the place of the one that was refused', async () => {
    const { journal } = await fixture();
    const begun = intent('a.png');
    await journal.begin(begun);
    await journal.rename(begun.id, 'a_1.png');
    expect((await journal.entries())[0]?.name).toBe('a_1.png');
    await expect(journal.rename(newWriteId(), 'b.png')).rejects.toMatchObject({ code: 'intent-lost' });
  });

  test('what a row takes is gone when nothing is left to do, and stays for what is', async () => {
    const { journal } = await fixture();
    const [done, settling, replacing] = [intent('a'), intent('b'), intent('c')];
    for (const begun of [done, settling, replacing]) await journal.begin(begun);
    await committed(async sql => {
      await journal.take(taking(done.id, { settles: false }), sql);
      await journal.take(taking(settling.id), sql);
      await journal.take(taking(replacing.id, { settles: false, oldName: 'old' }), sql);
    });
    const left = (await journal.entries()).map(({ id, state, oldName }) => ({ id, state, oldName }));
    expect(left).toHaveLength(2);
    expect(left).toContainEqual({ id: settling.id, state: 'taken', oldName: null });
    expect(left).toContainEqual({ id: replacing.id, state: 'taken', oldName: 'old' });
  });

  test('what a process took stays its own while that renews it, and is another’s once that has it', async () => {
    const { open, later } = await fixture({ leaseSeconds: 60 });
    const [own, other] = [open(), open()];
    const begun = intent('a.png');
    await own.begin(begun);
    await committed(sql => own.take(taking(begun.id, { settles: false, oldName: 'old' }), sql));
    await later(50);
    expect(await own.renew(begun.id)).toBe(true);
    await later(50);
    expect(await other.claim(8)).toEqual([]);
    await later(50);
    expect(await other.claim(8)).toHaveLength(1);
    expect(await own.renew(begun.id)).toBe(false);
  });

  test('a removal without anything stored is written in the row’s transaction, and rolled back with it', async () => {
    const { journal } = await fixture();
    const remove = taking(newWriteId(), { begun: false, settles: false, oldName: 'old' });
    const first = await database.begin();
    await journal.take(remove, first.execute);
    await first.rollback();
    expect(await journal.entries()).toEqual([]);
    await committed(sql => journal.take(remove, sql));
    expect(await journal.entries()).toMatchObject([
      { kind: 'remove', state: 'taken', oldName: 'old', name: null },
    ]);
  });

  test('a taken intent is open again when its transaction is rolled back', async () => {
    const { journal } = await fixture();
    const begun = intent('a');
    await journal.begin(begun);
    const transaction = await database.begin();
    await journal.take(taking(begun.id), transaction.execute);
    await transaction.rollback();
    expect(await journal.entries()).toMatchObject([{ state: 'open' }]);
    await committed(sql => journal.take(taking(begun.id), sql));
  });

  test('the end of a change that is believed committed ends an entry that was taken, and no other', async () => {
    const { journal } = await fixture();
    const [taken, open] = [intent('a'), intent('b')];
    for (const begun of [taken, open]) await journal.begin(begun);
    await committed(sql => journal.take(taking(taken.id), sql));
    const rolledBack = await database.begin();
    await journal.take(taking(open.id), rolledBack.execute);
    await rolledBack.rollback();
    expect([await journal.isTaken(taken.id), await journal.isTaken(open.id)]).toEqual([true, false]);
    for (const { id } of [taken, open]) await journal.endTaken(id);
    expect(await journal.entries()).toMatchObject([{ id: open.id, state: 'open' }]);
  });

  test('the version to remove is written down by who has the entry, and by nobody else', async () => {
    const { journal, table } = await fixture();
    const remove = taking(newWriteId(), { begun: false, settles: false, oldName: 'old' });
    await committed(sql => journal.take(remove, sql));
    const [one, other] = ['1', '2'] as unknown as readonly [ObjectVersion, ObjectVersion];
    expect(await journal.aim(remove.id, one)).toBe(true);
    await database.execute(`UPDATE ${table} SET claimed_by = 'somebody'`, []);
    expect(await journal.aim(remove.id, other)).toBe(false);
    expect(await journal.entries()).toMatchObject([{ oldName: 'old', oldVersion: '1' }]);
  });

  test('without a transaction nothing is taken', async () => {
    const { journal } = await fixture();
    await expect(journal.take(taking(newWriteId()), undefined)).rejects.toMatchObject({
      code: 'invalid-argument',
    });
  });

  test('what recovery has claimed cannot be taken, nor renamed', async () => {
    const { journal, open, later } = await fixture();
    const begun = intent('a');
    await journal.begin(begun);
    await later(3601);
    expect(await open().claim(10)).toHaveLength(1);
    await expect(committed(sql => journal.take(taking(begun.id), sql))).rejects.toMatchObject({
      code: 'intent-lost',
    });
    await expect(journal.rename(begun.id, 'b')).rejects.toMatchObject({ code: 'intent-lost' });
  });

  test('release claims an intent nobody took, and tells when there is none', async () => {
    const { journal } = await fixture();
    const [open, taken] = [intent('a'), intent('b')];
    await journal.begin(open);
    await journal.begin(taken);
    await committed(sql => journal.take(taking(taken.id), sql));
    expect(await journal.release(open.id)).toBe(true);
    expect(await journal.release(taken.id)).toBe(false);
    expect(await journal.release(newWriteId())).toBe(false);
    await expect(committed(sql => journal.take(taking(open.id), sql))).rejects.toMatchObject({
      code: 'intent-lost',
    });
  });

  test('release waits for the transaction that has the entry, and tells how it ended', async () => {
    const { journal } = await fixture();
    const begun = intent('a');
    await journal.begin(begun);
    const transaction = await database.begin();
    await journal.take(taking(begun.id), transaction.execute);
    const released = journal.release(begun.id);
    await transaction.commit();
    expect(await released).toBe(false);
  });

  test('an entry is claimed once its time has come by the database’s clock, and not before', async () => {
    const { journal, open, later } = await fixture();
    await journal.begin(intent('a'));
    const recovery = open();
    expect(await recovery.claim(10)).toEqual([]);
    await later(3599);
    expect(await recovery.claim(10)).toEqual([]);
    await later(2);
    expect(await recovery.claim(10)).toMatchObject([{ name: 'a', attempts: 1 }]);
    expect(await open().claim(10)).toEqual([]);
    await later(3601);
    expect(await open().claim(10)).toMatchObject([{ attempts: 2 }]);
  });

  test('a clock that jumps back delays recovery, and one that jumps on costs the uploader its intent: nothing else', async () => {
    const { journal, open, later } = await fixture();
    const begun = intent('a');
    await journal.begin(begun);
    await later(-86_400);
    expect(await open().claim(10)).toEqual([]);
    await later(2 * 86_400);
    expect(await open().claim(10)).toHaveLength(1);
    await expect(committed(sql => journal.take(taking(begun.id), sql))).rejects.toMatchObject({
      code: 'intent-lost',
    });
  });

  test('leases are renewed while the process lives and the row has not taken the entry', async () => {
    const { open, later, column } = await fixture();
    const journal = open({ leaseSeconds: 0.03 });
    const begun = intent('a');
    await journal.begin(begun);
    await later(3600);
    const long = Number(await column('due'));
    await until(async () => Number(await column('due')) > long);
    await journal.end(begun.id);
  });

  // MySQL has no such statement: there the renewal waits.
  test.runIf(start === postgresDatabase)(
    'a renewal does not wait for what a transaction has locked',
    async () => {
      const { open, table } = await fixture();
      const journal = open({ leaseSeconds: 0.03 });
      const [locked, free] = [intent('a'), intent('b')];
      await journal.begin(locked);
      await journal.begin(free);
      const transaction = await database.begin();
      await transaction.execute(`SELECT id FROM ${table} WHERE object_name = 'a' FOR UPDATE`, []);
      await database.execute(`UPDATE ${table} SET due = 0 WHERE object_name = 'b'`, []);
      await until(async () => {
        const { rows } = await database.execute(`SELECT due FROM ${table} WHERE object_name = 'b'`, []);
        return Number(rows[0]?.due) > 0;
      });
      await transaction.rollback();
      await journal.end(locked.id);
      await journal.end(free.id);
    },
  );

  test('several workers at once take each entry once', async () => {
    const { journal, open, later } = await fixture();
    const ids = Array.from({ length: 60 }, (_, index) => intent(`n${index}`));
    for (const begun of ids) await journal.begin(begun);
    await later(3601);
    const claimed: string[] = [];
    const worker = async (): Promise<void> => {
      const recovery = open();
      for (let none = 0; none < 3; ) {
        const entries = await recovery.claim(5);
        none = entries.length === 0 ? none + 1 : 0;
        claimed.push(...entries.map(({ id }) => id));
      }
    };
    await Promise.all(Array.from({ length: 6 }, worker));
    expect(claimed.toSorted()).toEqual(ids.map(({ id }) => id as string).toSorted());
  });

  test('a claim passes over what an open transaction has locked, without waiting', async () => {
    const { journal, open, later } = await fixture();
    const [locked, free] = [intent('a'), intent('b')];
    await journal.begin(locked);
    await journal.begin(free);
    await later(3601);
    const transaction = await database.begin();
    await journal.take(taking(locked.id), transaction.execute);
    expect(await open().claim(10)).toMatchObject([{ name: 'b' }]);
    await transaction.commit();
    expect(await open().claim(10)).toEqual([]);
  });

  test('what waits for a row is nobody else’s while a transaction takes it, and waits again after a rollback', async () => {
    const { journal } = await fixture();
    const waiting = intent('a');
    const { id } = waiting;
    await journal.begin(waiting);
    expect(await journal.handBack(id, 60_000)).toBe(true);
    expect(await journal.resume(id)).toBe(true);
    const transaction = await database.begin();
    await journal.take(taking(id), transaction.execute);
    // Waiting for the transaction, they would never end where it waits for them.
    expect(await journal.handBack(id, 60_000)).toBe(false);
    expect(await journal.resume(id)).toBe(false);
    expect(await journal.withdraw(id)).toBe(false);
    await transaction.rollback();
    expect(await journal.handBack(id, 60_000, true)).toBe(true);
    expect(await journal.withdraw(id)).toBe(true);
  });

  test('what was claimed is left with its error and attempts, and comes again when it is due', async () => {
    const { journal, open, later } = await fixture();
    await journal.begin(intent('a'));
    await later(3601);
    const recovery = open();
    const [entry] = await recovery.claim(10);
    await recovery.postpone(entry?.id as never, 60_000, new Error('storage down'));
    expect(await recovery.claim(10)).toEqual([]);
    await later(61);
    expect(await recovery.claim(10)).toMatchObject([
      { attempts: 2, lastError: 'storage down', state: 'open' },
    ]);
  });

  test('what failed too often is set aside, shown, and put back to work on demand', async () => {
    const { journal, open, later } = await fixture();
    await journal.begin(intent('a'));
    await later(3601);
    const recovery = open();
    const [entry] = await recovery.claim(10);
    await recovery.setAside(entry?.id as never, new Error('no bucket'));
    expect(await recovery.claim(10)).toEqual([]);
    expect(await journal.entries()).toMatchObject([{ setAside: true, lastError: 'no bucket' }]);
    expect(await journal.retry()).toBe(1);
    expect(await recovery.claim(10)).toMatchObject([{ setAside: false, attempts: 1 }]);
  });

  test('what was undone is looked at again as often as asked, and then forgotten', async () => {
    const { journal, open, later } = await fixture({ undoAgainSeconds: [10, 20] });
    await journal.begin(intent('a'));
    await later(3601);
    const recovery = open();
    for (const seconds of [10, 20]) {
      const [entry] = await recovery.claim(10);
      if (!entry) throw new Error('nothing to claim');
      await recovery.undone(entry);
      expect(await journal.entries()).toMatchObject([{ state: 'undone' }]);
      await later(seconds - 1);
      expect(await recovery.claim(10)).toEqual([]);
      await later(2);
    }
    const [last] = await recovery.claim(10);
    if (last) await recovery.undone(last);
    expect(await journal.entries()).toEqual([]);
  });

  test('only who has an entry writes to it: whose claim has expired leaves the next one alone', async () => {
    const { journal, open, later } = await fixture();
    const replaced = intent('a');
    await journal.begin(replaced);
    await committed(sql => journal.take(taking(replaced.id, { oldName: 'old' }), sql));
    await later(3601);
    const [slow, next] = [open(), open()];
    const [entry] = await slow.claim(1);
    if (!entry) throw new Error('nothing to claim');
    await later(3601);
    expect(await next.claim(1)).toHaveLength(1);
    await journal.postpone(replaced.id);
    await slow.postpone(entry.id, 0, new Error('late'));
    await slow.end(entry.id);
    // Still claimed, so that nobody adopts what is about to be removed.
    expect(await open().hasRemover(STORAGE, 'old')).toBe(true);
    expect(await open().claim(1)).toEqual([]);
    await next.end(entry.id);
    expect(await journal.entries()).toEqual([]);
  });

  test('what this process is at work on is not claimed by its own recovery as well', async () => {
    const { journal, later } = await fixture();
    const replaced = intent('a');
    await journal.begin(replaced);
    await committed(sql => journal.take(taking(replaced.id, { oldName: 'old' }), sql));
    await later(3601);
    expect(await journal.claim(1)).toEqual([]);
  });

  test('a process holds what it took or claimed until its lease is over', async () => {
    const { open, journal } = await fixture();
    const begun = intent('a');
    await journal.begin(begun);
    expect(journal.holds(begun.id)).toBe(false);
    await committed(sql => journal.take(taking(begun.id), sql));
    expect(journal.holds(begun.id)).toBe(true);
    await journal.end(begun.id);
    expect(journal.holds(begun.id)).toBe(false);
    const short = open({ leaseSeconds: 0 });
    const other = intent('b');
    await short.begin(other);
    await committed(sql => short.take(taking(other.id), sql));
    expect(short.holds(other.id)).toBe(false);
  });

  test('who adopts and who removes see each other', async () => {
    const { journal, open } = await fixture();
    const adopting = intent('shared', { kind: 'adopt' });
    await journal.begin(adopting);
    expect(await open().hasWriter(STORAGE, 'shared', newWriteId())).toBe(true);
    expect(await open().hasWriter(STORAGE, 'shared', adopting.id)).toBe(false);
    expect(await open().hasWriter('another', 'shared', newWriteId())).toBe(false);
    const remove = taking(newWriteId(), { begun: false, settles: false, oldName: 'shared' });
    const transaction = await database.begin();
    await journal.take(remove, transaction.execute);
    expect(await open().hasRemover(STORAGE, 'shared')).toBe(false);
    await transaction.commit();
    expect(await open().hasRemover(STORAGE, 'shared')).toBe(true);
    await journal.postpone(remove.id, 1000);
    expect(await open().hasRemover(STORAGE, 'shared')).toBe(false);
  });

  test('who writes and who removes is also seen under the ids that the storage had before', async () => {
    const { journal, open } = await fixture();
    const own = { storage: new MemoryStorage({ formerIds: [STORAGE] }), name: 'avatar', default: undefined };
    const renamed = open();
    renamed.fields.add({ label: 'user.avatar', ...own, model: { binding: undefined } });
    const { id } = own.storage;
    await journal.begin(intent('a'));
    expect(await renamed.hasWriter(id, 'a', newWriteId())).toBe(true);
    expect(await renamed.hasWriter('another', 'a', newWriteId())).toBe(false);
    expect(await open().hasWriter(id, 'a', newWriteId())).toBe(false);
    const removal = { id: newWriteId(), model: 'user', field: 'avatar', oldName: 'old' };
    await journal.beginRemoval({ ...removal, storage: STORAGE });
    expect(await renamed.hasRemover(id, 'old')).toBe(true);
    expect(await renamed.hasRemover('another', 'old')).toBe(false);
    expect(await open().hasRemover(id, 'old')).toBe(false);
  });

  test('of two committed changes whose names cross, neither waits for the other', async () => {
    const { journal } = await fixture();
    const [replaced, adopted] = [intent('a'), intent('b', { kind: 'adopt' })];
    await journal.begin(replaced);
    await journal.begin(adopted);
    await committed(sql => journal.take(taking(replaced.id, { oldName: 'b' }), sql));
    await committed(sql => journal.take(taking(adopted.id, { oldName: 'a', settles: false }), sql));
    for (const { id } of [replaced, adopted]) await journal.postpone(id);
    expect(await journal.hasWriter(STORAGE, 'b', replaced.id)).toBe(false);
    expect(await journal.hasWriter(STORAGE, 'a', adopted.id)).toBe(false);
  });

  test('removed objects are kept as long as asked', async () => {
    const { journal, open, later } = await fixture({ keepRemovedSeconds: 30 * 86_400 });
    const replaced = intent('a');
    await journal.begin(replaced);
    await committed(sql => journal.take(taking(replaced.id, { oldName: 'old' }), sql));
    await journal.postpone(replaced.id, journal.keepRemovedMs);
    await later(29 * 86_400);
    expect(await open().claim(10)).toEqual([]);
    await later(2 * 86_400);
    expect(await open().claim(10)).toMatchObject([{ oldName: 'old' }]);
  });

  test('a sweep’s removal is written without a row’s transaction', async () => {
    const { journal, open } = await fixture();
    const id = newWriteId();
    await journal.beginRemoval({ id, storage: STORAGE, model: 'user', field: 'avatar', oldName: 'orphan' });
    expect(journal.holds(id)).toBe(true);
    expect(await open().hasRemover(STORAGE, 'orphan')).toBe(true);
  });
}

/** Resolves once it is so. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition()));
}
