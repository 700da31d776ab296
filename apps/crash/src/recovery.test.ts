import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adopt, configure, Storage, upload } from '@fieldfile/core';
import { type RecoverOptions, recover, recoverContinuously, SqlJournal } from '@fieldfile/core/journal';
import { FileSystemBackend } from '@fieldfile/fs';
import type { Backend } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import { CommitProxy, type PostgresServer, startPostgres } from '@fieldfile/test-servers/postgres';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { compare } from './compare.ts';
import { contentOf } from './content.ts';
import type { Database } from './database.ts';
import { type DocumentRow, Documents, documentsTable } from './documents.ts';
import { intercept } from './intercept.ts';
import { postgresDatabase } from './postgres-database.ts';
import { createJournal } from './world.ts';

const CLEAN = { rowsWithoutObject: [], objectsWithoutRow: [], wrongContent: [], lost: [], refused: [] };

let server: PostgresServer;
const reported: unknown[] = [];

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => configure({ onError: error => reported.push(error) }));
afterEach(() => {
  reported.length = 0;
});

/** One row with a file on a storage that can be made to fail, and a connection whose COMMIT can be lost. */
async function fixture({ keepRemovedSeconds = 0, leaseSeconds = 3600 } = {}) {
  const resources = new AsyncDisposableStack();
  const folder = resources.use(mkdtempDisposableSync(join(tmpdir(), 'fieldfile-recovery-')));
  const url = await server.createDatabase();
  const proxy = resources.use(await CommitProxy.start(url));
  const direct = resources.use(postgresDatabase(url));
  const database = resources.use(postgresDatabase(proxy.url));
  for (const statement of documentsTable(direct)) await direct.execute(statement, []);
  await createJournal(direct);
  const real = new FileSystemBackend({ root: folder.path, durability: 'process-crash' });
  const faults: Partial<Backend> = {};
  const backend = intercept<Backend>(real, faults);
  const storage = new Storage(backend, { retry: { attempts: 1 } });
  /** As in a process of its own. */
  const open = (on: Database = direct) => {
    const journal = new SqlJournal({
      ...{ dialect: 'postgresql', execute: direct.execute },
      ...{ leaseSeconds, keepRemovedSeconds, undoAgainSeconds: [] },
    });
    return { journal, documents: new Documents({ database: on, journal, storage }) };
  };
  const { journal, documents } = open(database);
  await documents.insert({ id: 'one', file: null, digest: null, size: null, version: 1 });
  await save(await row(), 'old');

  async function row(): Promise<DocumentRow> {
    const found = await documents.find('one');
    if (!found) throw new Error('The row is gone.');
    return found;
  }
  async function save(on: DocumentRow, name: string): Promise<void> {
    await documents.files.file.of(on).save(contentOf(name, 100), { name });
  }
  return {
    ...{ proxy, direct, database, journal, documents, storage, faults, open, row, save },
    names: () => Array.fromAsync(storage.list(), ({ name }) => name as string),
    /** As if the database's clock had gone on. */
    later: (seconds: number) =>
      direct.execute(
        `UPDATE fieldfile_journal SET due = due - ${seconds * 1000} WHERE due < 9000000000000000`,
        [],
      ),
    recovered: (options: RecoverOptions = {}) => recover(open().journal, { backOffSeconds: 0, ...options }),
    differences: () => compare(documents, storage, []),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const down = async (): Promise<never> => {
  throw new Error('storage down');
};

test.each([
  ['before', 'old'],
  ['after', 'new'],
] as const)(
  'COMMIT lost %s the server has it: the transaction’s files are left to recovery, which keeps %s',
  async (when, kept) => {
    await using world = await fixture();
    const on = await world.row();
    world.proxy.loseCommit(when);
    await expect(world.documents.transaction(() => world.save(on, 'new'))).rejects.toThrow(
      'COMMIT had no answer',
    );
    expect(await world.names()).toEqual(['new', 'old']);
    await world.later(3601);
    await world.recovered();
    expect(await world.names()).toEqual([kept]);
    expect((await world.row()).file).toBe(kept);
    expect(await world.journal.entries()).toEqual([]);
  },
);

test('a save whose COMMIT was carried out and not answered is a success', async () => {
  await using world = await fixture();
  world.proxy.loseCommit('after');
  await world.save(await world.row(), 'new');
  expect(await world.names()).toEqual(['new']);
  expect(await world.journal.entries()).toEqual([]);
});

test('a save whose COMMIT never came leaves everything as it was', async () => {
  await using world = await fixture();
  world.proxy.loseCommit('before');
  await expect(world.save(await world.row(), 'new')).rejects.toThrow();
  expect(await world.names()).toEqual(['old']);
  expect(await world.journal.entries()).toEqual([]);
  expect(await world.differences()).toEqual(CLEAN);
});

test('a change that was committed, taken for failed, and replaced since: what it replaced is removed all the same', async () => {
  await using world = await fixture();
  const losing = intercept(world.direct, {
    async transaction(work) {
      await world.direct.transaction(work);
      // Another process replaces the file before this one asks whether its own was committed.
      await world.save(await world.row(), 'newest');
      throw new Error('connection lost');
    },
  });
  const { documents } = world.open(losing);
  const on = await world.row();
  await expect(documents.files.file.of(on).save(contentOf('new', 100), { name: 'new' })).rejects.toThrow(
    'connection lost',
  );
  await world.later(3601);
  await world.recovered();
  expect(await world.names()).toEqual(['newest']);
  expect(await world.journal.entries()).toEqual([]);
});

test('a journal that cannot be written: nothing is uploaded', async () => {
  await using world = await fixture();
  await world.direct.execute('ALTER TABLE fieldfile_journal RENAME TO gone', []);
  await expect(world.save(await world.row(), 'new')).rejects.toMatchObject({ code: 'journal' });
  expect(await world.names()).toEqual(['old']);
  expect((await world.row()).file).toBe('old');
});

test('a storage that is down when the row is committed is caught up with by recovery', async () => {
  await using world = await fixture();
  world.faults.remove = down;
  await world.save(await world.row(), 'new');
  expect(reported).toHaveLength(1);
  expect(await world.journal.entries()).toMatchObject([
    { oldName: 'old', lastError: expect.stringMatching('storage down') },
  ]);
  await world.later(3601);
  expect(await world.recovered({ backOffSeconds: 1000 })).toMatchObject({ postponed: 1 });
  delete world.faults.remove;
  await world.later(3601);
  expect(await world.recovered()).toMatchObject({ finished: 1 });
  expect(await world.names()).toEqual(['new']);
});

test('what fails too often is set aside, and finished after retry', async () => {
  await using world = await fixture();
  world.faults.remove = down;
  await world.save(await world.row(), 'new');
  await world.later(3601);
  const told: string[] = [];
  await world.recovered({ maxAttempts: 3, onEntry: ({ outcome }) => told.push(outcome) });
  expect(told).toEqual(['postponed', 'postponed', 'set-aside']);
  await world.later(3601);
  expect(await world.recovered()).toEqual({
    undone: 0,
    finished: 0,
    postponed: 0,
    'unknown-field': 0,
    'set-aside': 0,
  });
  expect(await world.journal.entries()).toMatchObject([{ setAside: true, attempts: 3 }]);
  delete world.faults.remove;
  expect(await world.journal.retry()).toBe(1);
  await world.recovered();
  expect(await world.names()).toEqual(['new']);
});

test('the wait after a failure is random and grows', async () => {
  await using world = await fixture();
  world.faults.remove = down;
  await world.save(await world.row(), 'new');
  const waits: number[] = [];
  for (let attempt = 1; attempt <= 6; attempt++) {
    await world.direct.execute('UPDATE fieldfile_journal SET due = 0', []);
    await world.recovered({ backOffSeconds: 1000 });
    const { rows } = await world.direct.execute(
      'SELECT due - CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint) AS wait FROM fieldfile_journal',
      [],
    );
    waits.push(Number(rows[0]?.wait));
    expect(waits.at(-1)).toBeLessThanOrEqual(Math.min(1000 * 1000 * 2 ** (attempt - 1), 3_600_000));
  }
  expect(new Set(waits).size).toBe(waits.length);
  expect((await world.journal.entries())[0]?.attempts).toBe(6);
});

test('a storage that is down while an upload is taken back: the next recovery takes it back', async () => {
  await using world = await fixture();
  world.faults.undo = down;
  const on = await world.row();
  const failed = world.documents.transaction(async () => {
    await world.save(on, 'new');
    throw new Error('no');
  });
  await expect(failed).rejects.toThrow('no');
  expect(await world.names()).toEqual(['new', 'old']);
  delete world.faults.undo;
  await world.later(3601);
  expect(await world.recovered()).toMatchObject({ undone: 1 });
  expect(await world.names()).toEqual(['old']);
});

test('a replaced object is kept as long as asked, and an adopted one is not removed at all', async () => {
  await using world = await fixture({ keepRemovedSeconds: 1000 });
  await world.save(await world.row(), 'new');
  await world.later(999);
  await world.recovered();
  expect(await world.names()).toEqual(['new', 'old']);
  // Back to what was replaced.
  const on = await world.row();
  world.documents.files.file.set(on, adopt('old'));
  await upload(on);
  await world.documents.update(on);
  await world.later(5000);
  await world.recovered();
  expect(await world.names()).toEqual(['old']);
  expect(await world.journal.entries()).toEqual([]);
});

test('what somebody may be removing cannot be adopted, and what somebody adopts is not removed', async () => {
  await using world = await fixture();
  const remove = {
    id: newWriteId(),
    storage: world.storage.id,
    model: 'document',
    field: 'file',
    oldName: 'old',
  };
  await world.journal.beginRemoval(remove);
  const on = await world.row();
  await world.documents.insert({ id: 'two', file: null, digest: null, size: null, version: 1 });
  const two = await world.documents.find('two');
  if (!two) throw new Error('The row is gone.');
  world.documents.files.file.set(two, adopt('old'));
  await expect(upload(two)).rejects.toMatchObject({ code: 'conflict', retryable: true });
  await world.journal.postpone(remove.id, 0);
  await upload(two); // adopted, not committed yet
  await world.save(on, 'new');
  expect(await world.recovered()).toMatchObject({ postponed: 1 });
  await world.documents.update(two);
  await world.later(3601);
  await world.recovered();
  expect(await world.names()).toEqual(['new', 'old']);
  expect(await world.differences()).toEqual(CLEAN);
});

test('an intent on a name that another row has is looked at again: its uploader may only be asleep', async () => {
  await using world = await fixture();
  const journal = new SqlJournal({
    ...{ dialect: 'postgresql', execute: world.direct.execute },
    ...{ leaseSeconds: 0, undoAgainSeconds: [3600] },
  });
  new Documents({ database: world.direct, journal, storage: world.storage });
  const id = newWriteId();
  await journal.begin({
    id,
    kind: 'store',
    storage: world.storage.id,
    name: 'old',
    model: 'document',
    field: 'file',
    key: null,
  });
  await recover(journal);
  expect(await journal.entries()).toMatchObject([{ id, state: 'undone' }]);
  expect(await world.names()).toEqual(['old']);
});

test('recovery in a loop recovers, whether or not anybody asks for reports', async () => {
  await using world = await fixture({ leaseSeconds: 0 });
  await world.journal.begin({
    ...{ id: newWriteId(), kind: 'store', storage: world.storage.id, name: 'gone' },
    ...{ model: 'document', field: 'file', key: null },
  });
  const stop = new AbortController();
  await recoverContinuously(world.open().journal, { signal: stop.signal, onEntry: () => stop.abort() });
  expect(await world.journal.entries()).toEqual([]);
});

test('several recoveries at once finish everything once', async () => {
  await using world = await fixture();
  for (let index = 0; index < 40; index++)
    await world.journal.begin({
      ...{ id: newWriteId(), kind: 'store', storage: world.storage.id, name: `n${index}` },
      ...{ model: 'document', field: 'file', key: null },
    });
  await world.later(3601);
  const reports = await Promise.all(Array.from({ length: 4 }, () => world.recovered()));
  expect(reports.reduce((sum, { undone }) => sum + undone, 0)).toBe(40);
  expect(await world.journal.entries()).toEqual([]);
});
