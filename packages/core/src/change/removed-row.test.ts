import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import { describe, expect, test } from 'vitest';
import { defineFiles } from '../field/define-files.ts';
import { model } from '../field/model.ts';
import { file } from '../field/new-file.ts';
import { FileScope } from './file-scope.ts';
import { filledColumns } from './filled-columns.ts';
import { rowRemoval } from './row-removal.ts';

interface UserRow {
  id?: number;
  avatar: string | null;
}

async function fixture() {
  const storage = new MemoryStorage();
  const table = new MemoryTable<UserRow>({ key: ['id'], files: ['avatar'], generated: 'id' });
  const { avatar } = defineFiles(model<UserRow>()('user', 'id'), { avatar: { storage } }, table.binding);
  const row: UserRow = { avatar: null };
  avatar.set(row, file('ada', 'ada.txt'));
  await table.insert(row);
  await table.remove({ id: row.id });
  const scope = new FileScope();
  await rowRemoval([avatar], [row]).written(scope);
  return { avatar, scope, row, handle: avatar.of(row) };
}

describe('a row object whose row is removed', () => {
  test('is empty once that is committed, and as it was until then', async () => {
    const { scope, row, handle } = await fixture();
    expect([handle.name, handle.reference().key]).toEqual(['ada.txt', { id: row.id }]);
    Reflect.deleteProperty(row, 'id');
    await scope.end('committed');
    expect([row.avatar, handle.name, handle.reference().key]).toEqual([null, null, null]);
  });

  test('is as it was when that is rolled back', async () => {
    const { scope, row, handle } = await fixture();
    await scope.end('rolled-back');
    expect([row.avatar, handle.name]).toEqual(['ada.txt', 'ada.txt']);
  });

  test('keeps its file where it was inserted again in the same transaction', async () => {
    const { scope, row, handle } = await fixture();
    scope.add(filledColumns(row, {}));
    await scope.end('committed');
    expect([row.avatar, handle.name]).toEqual(['ada.txt', 'ada.txt']);
  });

  test('keeps what was assigned to it, and forgets the file before', async () => {
    const { scope, row, handle, avatar } = await fixture();
    avatar.set(row, file('new', 'new.txt'));
    await scope.end('committed');
    expect([row.avatar, handle.pending]).toEqual([null, true]);
  });
});
