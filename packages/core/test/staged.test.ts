import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineFiles, model } from '@fieldfile/core';
import { SqliteJournal } from '@fieldfile/core/node';
import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import { expect, onTestFinished, test } from 'vitest';

interface Row {
  id: number;
  file: string | null;
}

test('a file whose entry does not wait for a row is not staged', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fieldfile-staged-'));
  const journal = new SqliteJournal(join(folder, 'journal'));
  onTestFinished(() => {
    journal.close();
    rmSync(folder, { recursive: true });
  });
  const table = new MemoryTable<Row>({ key: ['id'], files: ['file'], journal });
  const storage = new MemoryStorage();
  const { file } = defineFiles(model<Row>()('row', 'id'), { file: { storage } }, table.binding);
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(10);
    // As recovery does with what was silent for too long.
    for (const { id } of await journal.entries()) expect(await journal.withdraw(id)).toBe(true);
    yield new Uint8Array(10);
  }
  await expect(file.stage(slow(), { name: 'a.txt' })).rejects.toMatchObject({ code: 'intent-lost' });
});
