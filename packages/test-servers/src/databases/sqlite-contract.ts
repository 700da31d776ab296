import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { contractTables, sqlClient } from '@fieldfile/conformance/binding';
import { SqliteJournal } from '@fieldfile/core/node';
import type { ContractDatabase } from './contract-database.ts';

/** A new SQLite file with the contract's tables, and a journal beside it. */
export async function sqliteContract(): Promise<ContractDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldfile-sqlite-'));
  const url = join(folder, 'rows.db');
  // Does not wait for a lock: it would keep this process, which has the lock, from letting go.
  const database = new DatabaseSync(url, { timeout: 0 });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  for (const statement of contractTables('sqlite')) database.exec(statement);
  const journalPath = join(folder, 'journal.db');
  const journal = new SqliteJournal(journalPath);
  return {
    url,
    journal,
    other: sqlClient('sqlite', async (sql, parameters) => ({
      rows: database.prepare(sql).all(...parameters),
    })),
    async endTransaction(sql) {
      await sql('INSERT OR ROLLBACK INTO pages (document, number) VALUES (1, 1), (1, 1)');
    },
    async breakJournal() {
      const client = new DatabaseSync(journalPath);
      client.exec('ALTER TABLE fieldfile_journal RENAME TO gone');
      return async () => {
        client.exec('ALTER TABLE gone RENAME TO fieldfile_journal');
        client.close();
      };
    },
    async [Symbol.asyncDispose]() {
      journal.close();
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
