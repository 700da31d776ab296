import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { SqliteJournal } from '../../src/journal/sqlite-journal.ts';
import { intent, STORAGE, taking } from './entries.ts';

const SOURCE = new URL('../../src/journal/sqlite-journal.ts', import.meta.url);

function folder() {
  const directory = mkdtempSync(join(tmpdir(), 'fieldfile-journal-'));
  return {
    path: join(directory, 'files.journal'),
    directory,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** A process that has begun an intent, and lives until it is killed. */
async function uploader(path: string): Promise<ChildProcess & AsyncDisposable> {
  const code = `
    import { SqliteJournal } from ${JSON.stringify(SOURCE.href)};
    const journal = new SqliteJournal(${JSON.stringify(path)});
    await journal.begin({ id: crypto.randomUUID(), kind: 'store', storage: ${JSON.stringify(STORAGE)}, name: 'a', model: 'user', field: 'avatar', key: null });
    process.stdout.write('begun');
    setInterval(() => journal, 1000);
  `;
  const flags = [
    '--conditions=@fieldfile/source',
    '--disable-warning=ExperimentalWarning',
    '--input-type=module-typescript',
    '--eval',
    code,
  ];
  const child = spawn(process.execPath, flags, {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return Object.assign(child, { [Symbol.asyncDispose]: () => killed(child) });
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

test('entries of a process that lives are left alone, also while it is stopped, and taken up when it is killed', async () => {
  using place = folder();
  using journal = new SqliteJournal(place.path);
  await using child = await uploader(place.path);
  expect(await journal.claim(10)).toEqual([]);
  child.kill('SIGSTOP');
  expect(await journal.claim(10)).toEqual([]);
  await killed(child);
  expect(await journal.claim(10)).toMatchObject([{ name: 'a', attempts: 1 }]);
});

test('processes that died leave no file once their entries are taken up', async () => {
  using place = folder();
  using journal = new SqliteJournal(place.path);
  for (let process = 0; process < 3; process++) await killed(await uploader(place.path));
  expect(await journal.claim(10)).toHaveLength(3);
  const locks = readdirSync(place.directory).filter(name => name.includes('-process-'));
  expect(locks).toHaveLength(1); // its own
});

test('several recoveries that find a process dead at once take its entries once', async () => {
  using place = folder();
  for (let process = 0; process < 2; process++) await killed(await uploader(place.path));
  const journals = Array.from({ length: 4 }, () => new SqliteJournal(place.path));
  try {
    const claims = await Promise.all(journals.map(journal => journal.claim(10)));
    expect(claims.flat()).toHaveLength(2);
  } finally {
    for (const journal of journals) journal.close();
  }
});

test('what a closed journal left is the next one’s to finish', async () => {
  using place = folder();
  const first = new SqliteJournal(place.path);
  await first.begin(intent('a'));
  using second = new SqliteJournal(place.path);
  expect(await second.claim(10)).toEqual([]);
  first.close();
  expect(await second.claim(10)).toMatchObject([{ name: 'a' }]);
});

test('apart from the rows, a taken entry is an announcement: it counts as a writer until its change has ended', async () => {
  using place = folder();
  using journal = new SqliteJournal(place.path);
  using other = new SqliteJournal(place.path);
  const [begun, mine] = [intent('a'), intent('b')];
  await journal.begin(begun);
  await journal.take(taking(begun.id, { oldName: 'old' }), undefined);
  expect(await other.hasWriter(STORAGE, 'a', mine.id)).toBe(true);
  expect(await other.hasRemover(STORAGE, 'old')).toBe(true);
  expect(journal.holds(begun.id)).toBe(true);
  await journal.postpone(begun.id);
  expect(await other.hasWriter(STORAGE, 'a', mine.id)).toBe(false);
  expect(await other.hasRemover(STORAGE, 'old')).toBe(false);
  expect(await other.claim(10)).toMatchObject([{ state: 'taken', oldName: 'old' }]);
});

test('an announced change that is rolled back can be undone', async () => {
  using place = folder();
  using journal = new SqliteJournal(place.path);
  const begun = intent('a');
  await journal.begin(begun);
  await journal.take(taking(begun.id), undefined);
  expect(await journal.release(begun.id)).toBe(true);
  await journal.end(begun.id);
  expect(await journal.entries()).toEqual([]);
});

test('what was undone is not looked at again: a process that lives is never taken for dead', async () => {
  using place = folder();
  await killed(await uploader(place.path));
  using journal = new SqliteJournal(place.path);
  const [entry] = await journal.claim(10);
  if (entry) await journal.undone(entry);
  expect(await journal.entries()).toEqual([]);
});

test('apart from the rows, of two who replace one object the second is a conflict; who has died is followed', async () => {
  using place = folder();
  using journal = new SqliteJournal(place.path);
  const died = new SqliteJournal(place.path);
  const [first, second] = [intent('a', { kind: 'replace' }), intent('a', { kind: 'replace' })];
  await died.begin(first);
  await expect(journal.begin(second)).rejects.toMatchObject({ code: 'conflict', retryable: true });
  expect((await journal.entries()).map(({ id }) => id)).toEqual([first.id]);
  await died.take(taking(first.id, { settles: false }), undefined);
  // Announced, and perhaps not committed yet.
  await expect(journal.begin(second)).rejects.toMatchObject({ code: 'conflict' });
  await died.end(first.id);
  await died.begin(first);
  died.close();
  await journal.begin(second);
  await journal.take(taking(second.id, { settles: false }), undefined);
  expect(await journal.claim(10)).toMatchObject([{ id: first.id }]);
});
