import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineFiles, model } from '@fieldfile/core';
import { fromPath } from '@fieldfile/storage/node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runProgram } from '../test/run-program.ts';
import { temporaryRoot } from '../test/temporary-root.ts';
import { FileSystemStorage } from './storage.ts';

let root: string;
let storage: FileSystemStorage;

beforeEach(() => {
  root = temporaryRoot();
  storage = new FileSystemStorage({ root: join(root, 'media') });
});
afterEach(() => rmSync(root, { recursive: true }));

const read = (name: string): string => readFileSync(join(root, 'media', name), 'utf8');

function upload(content: string): string {
  const path = join(root, 'upload.tmp');
  writeFileSync(path, content);
  return path;
}

test('django 4.4/98 test_race_condition: two saves of one name at once', async () => {
  const names = await Promise.all([storage.save('conflict', 'one'), storage.save('conflict', 'two')]);
  expect(names.toSorted()).toEqual(['conflict', expect.stringMatching(/^conflict_[A-Za-z0-9]{7}$/)]);
  expect(names.map(read)).toEqual(['one', 'two']);
});

test('django 4.5/121 test_move_temporary_file: a temporary upload is moved, not copied', async () => {
  const docs = defineFiles(model<{ id: number; file: string | null }>()('doc', 'id'), { file: { storage } });
  const row = { id: 1, file: null };
  const path = upload('content');
  await docs.file.of(row).save(fromPath(path, { consume: true }), { name: 'moved.txt' });
  expect([row.file, read('moved.txt'), existsSync(path)]).toEqual(['moved.txt', 'content', false]);
});

test('django 4.7/190 test_file_move_overwrite: a moved file overwrites only on purpose', async () => {
  await storage.save('a.txt', 'old');
  const name = await storage.save('a.txt', fromPath(upload('new'), { consume: true }));
  expect([name === 'a.txt', read('a.txt'), read(name)]).toEqual([false, 'old', 'new']);
  await storage.replace('a.txt', fromPath(upload('newer'), { consume: true }));
  expect(read('a.txt')).toBe('newer');
});

test('django 4.7/192 test_file_move_ensure_truncation: a shorter file leaves no tail of a longer one', async () => {
  await storage.save('a.txt', 'a rather long content');
  await storage.replace('a.txt', fromPath(upload('short')));
  expect(read('a.txt')).toBe('short');
});

test('django 4.8/227 test_readonly_root: a refused right is told', async () => {
  const media = join(root, 'read-only');
  const output = await runProgram(`
    import { mkdirSync, chmodSync } from 'node:fs';
    import { FileSystemStorage } from '@fieldfile/fs';
    mkdirSync(${JSON.stringify(media)}, { mode: 0o500 });
    chmodSync(${JSON.stringify(root)}, 0o755);
    if (process.getuid() === 0) process.seteuid(65534);
    const error = await new FileSystemStorage({ root: ${JSON.stringify(media)} }).save('a.txt', 'a').catch(error => error);
    console.log(error.code, error.applied);
  `);
  expect(output).toBe('permission false\n');
});

test('django 4.8/228 test_not_a_directory: a parent that is a file', async () => {
  await storage.save('file', 'content');
  await expect(storage.save('file/below.txt', 'x')).rejects.toThrow(/exists and is not a directory/);
});
