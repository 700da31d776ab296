import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineFiles, model } from '@fieldfile/core';
import { recover } from '@fieldfile/core/journal';
import { SqliteJournal } from '@fieldfile/core/node';
import { FileSystemStorage } from '@fieldfile/fs';
import { MemoryTable } from '@fieldfile/memory/table';
import { newWriteId } from '@fieldfile/storage/backend';
import { expect, onTestFinished, test } from 'vitest';

interface UserRow {
  id: number;
  avatar: string | null;
}

test.each(['store', 'claim'] as const)(
  'what a process left that died before it tried another name than that of a row goes, and the row keeps its object: %s',
  async kind => {
    const folder = mkdtempSync(join(tmpdir(), 'fieldfile-occupied-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const root = join(folder, 'media');
    using journal = new SqliteJournal(join(folder, 'journal'));
    const storage = new FileSystemStorage({ root });
    const table = new MemoryTable<UserRow>({ key: ['id'], files: ['avatar'], journal });
    const { avatar } = defineFiles(model<UserRow>()('user', 'id'), { avatar: { storage } }, table.binding);
    const row: UserRow = { id: 1, avatar: null };
    await table.insert(row);
    await avatar.of(row).save('of the row', { name: 'a.txt' });
    const id = newWriteId();
    const about = { storage: storage.id, model: 'user', field: 'avatar', key: null };
    await journal.begin({ id, kind, name: 'a.txt', ...about });
    await journal.handBack(id, 0);
    const internal = join(root, '.fieldfile');
    if (kind === 'store') writeFileSync(join(internal, id), 'staged');
    else mkdirSync(join(internal, `${id}-upload.parts`));
    await recover(journal);
    expect(readdirSync(internal).filter(name => name.startsWith(id))).toEqual([]);
    expect(await avatar.of(row).stored?.text()).toBe('of the row');
    expect(await journal.entries()).toEqual([]);
  },
);
