import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { configure, file, isFieldFileError, upload } from '@fieldfile/core';
import { journalTable, recover, SqlJournal } from '@fieldfile/core/journal';
import { SqliteJournal } from '@fieldfile/core/node';
import { DrizzleFiles, sqlExecutor } from '@fieldfile/drizzle';
import { FileSystemStorage } from '@fieldfile/fs';
import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/**
 * `writer.ts FOLDER JOURNAL` writes rows and files until it is killed; `writer.ts FOLDER JOURNAL recover` tells what is left,
 * as JSON. The journal is `beside` the rows or `among` them.
 */
const [folder = '.', place, isRecovery] = process.argv.slice(2);
const LEASE_SECONDS = 1;

const users = sqliteTable('users', { id: integer().primaryKey(), avatar: text({ length: 100 }) });

const db = drizzle(join(folder, 'app.db'));
db.$client.pragma('journal_mode = WAL');
db.$client.pragma('busy_timeout = 20000');
db.run(sql`CREATE TABLE IF NOT EXISTS users (id integer PRIMARY KEY, avatar text)`);
for (const statement of journalTable('sqlite')) db.$client.exec(statement);
const journal =
  place === 'among'
    ? new SqlJournal({ dialect: 'sqlite', execute: sqlExecutor(db), leaseSeconds: LEASE_SECONDS })
    : new SqliteJournal(join(folder, 'journal.db'), { busyTimeoutMs: 20_000 });
const storage = new FileSystemStorage({ root: join(folder, 'objects') });
const files = new DrizzleFiles(db, { journal });
const table = files.define(users, { key: ['id'], fields: { avatar: { storage } } });

const content = () => file(`content ${Math.random()}`, `${Math.floor(Math.random() * 5)}.txt`);
const ROWS = 10;

class RolledBack extends Error {}

/** What an application does with a synchronous driver, in a transaction and without one. */
const operations = [
  () => table.insert({ avatar: content() }),
  async () => {
    const draft = table.draft({ avatar: content() });
    await upload(draft);
    files.transactionSync(tx => {
      table.insertSync(draft);
      tx.delete(users).where(eq(users.id, -1)).run();
    });
  },
  async () => {
    const [one, two] = [some(), some()];
    if (!one || !two || one.id === two.id) return;
    for (const row of [one, two]) table.fields.avatar.set(row, content());
    await upload([one, two]);
    files.transactionSync(() => {
      table.updateSync(one, {});
      if (Math.random() < 0.5) return table.updateSync(two, {});
      rolledBack(() =>
        files.transactionSync(() => {
          table.updateSync(two, {});
          throw new RolledBack();
        }),
      );
      if (Math.random() < 0.5) throw new RolledBack();
    });
  },
  async () => {
    const row = some();
    if (row) await table.fields.avatar.of(row).save('saved', { name: 'saved.txt' });
  },
  async () => {
    const row = some();
    if (row) table.deleteSync(row);
  },
];

configure({ onError: tell });
if (isRecovery) await tellWhatIsLeft();
else await writeForEver();

async function tellWhatIsLeft(): Promise<void> {
  if (place === 'among') await setTimeout(LEASE_SECONDS * 1000 + 200); // the dead hold their entries so long
  const left = async () => (await journal.entries()).filter(({ state }) => state !== 'undone'); // those are only looked at once more
  // What one entry is about to remove, another may still be under way for: that is looked at again.
  for (let tries = 0; tries < 50 && (tries === 0 || (await left()).length > 0); tries++) {
    await recover(journal, { backOffSeconds: 0.05 });
    await setTimeout(100);
  }
  const entries = await left();
  const objects = (await Array.fromAsync(storage.list())).map(({ name }) => name);
  process.stdout.write(JSON.stringify({ rows: db.select().from(users).all(), objects, entries }));
}

async function writeForEver(): Promise<void> {
  process.stdin.on('end', () => process.exit()).resume(); // nothing outlives the test
  writeSync(1, 'ready\n');
  for (;;) {
    const few = db.select().from(users).all().length < ROWS;
    const operation = operations[few ? 0 : Math.floor(Math.random() * operations.length)];
    await operation?.().catch(tell);
  }
}

function rolledBack(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
  }
}

function some(): typeof users.$inferSelect | undefined {
  const rows = db.select().from(users).all();
  return rows[Math.floor(Math.random() * rows.length)];
}

/** Another process was faster, or it was meant to fail. */
function tell(error: unknown): void {
  const isExpected =
    error instanceof RolledBack ||
    (isFieldFileError(error) && ['conflict', 'not-found'].includes(error.code));
  if (!isExpected) writeSync(2, `${error instanceof Error ? error.stack : error}\n`);
}
