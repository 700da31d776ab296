import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Storage, withPrefix } from '@fieldfile/storage';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryRoot } from '../test/temporary-root.ts';
import { FileSystemStorage } from './storage.ts';

let root: string;

beforeEach(() => {
  root = temporaryRoot();
});

afterEach(() => {
  spawnSync('rm', ['-rf', root]);
});

const listed = async (storage: Storage): Promise<string[]> =>
  Array.fromAsync(storage.list(), ({ name }) => name as string);

test('no form of the internal folder can be named, at any depth, and none is listed', async () => {
  const storage = new FileSystemStorage({ root });
  const forms = ['.FieldFile', '.fieldfile.', '.fieldfile ', '.fieldfile::$DATA', 'FIELDF~1', '.fıeldfile'];
  for (const form of forms)
    for (const name of [form, `${form}/lock.db`, `a/${form}/x`, `a/b/${form}`])
      for (const act of [
        () => storage.save(name, 'x'),
        () => storage.open(name),
        () => storage.exists(name),
        () => storage.delete(name),
        async () => storage.path(name),
      ])
        await expect(act(), name).rejects.toMatchObject({ code: 'suspicious-name' });
  expect(readdirSync(root)).toEqual([]);
  for (const form of forms) {
    mkdirSync(join(root, 'a', form), { recursive: true });
    writeFileSync(join(root, 'a', form, 'x'), 'x');
    writeFileSync(join(root, form), 'x');
  }
  await storage.save('b', 'x');
  expect(await listed(storage)).toEqual(['b']);
  expect(await listed(new Storage(withPrefix(storage.backend, 'a')))).toEqual([]);
});

test('what Windows takes for a device is not made, and can be read and removed where it is', async () => {
  const storage = new FileSystemStorage({ root });
  writeFileSync(join(root, 'aux.txt'), 'of another system');
  await storage.save('a.txt', 'a');
  await expect(storage.replace('NUL', 'x')).rejects.toMatchObject({ code: 'suspicious-name' });
  await expect(storage.copy('a.txt', 'com1')).rejects.toMatchObject({ code: 'suspicious-name' });
  await expect(storage.replace('a.txt::$DATA', 'x')).rejects.toMatchObject({ code: 'suspicious-name' });
  expect(await listed(storage)).toEqual(['a.txt', 'aux.txt']);
  await using opened = await storage.open('aux.txt');
  expect(await opened.text()).toBe('of another system');
  await storage.delete('aux.txt');
  expect(readdirSync(root).sort()).toEqual(['.fieldfile', 'a.txt']);
});

test('a tree of 1,500 levels is listed as far as names go, with few folders open', async () => {
  const storage = new FileSystemStorage({ root });
  await storage.save('top.txt', 'x');
  const level = 'd/'.repeat(100);
  const script = `cd ${JSON.stringify(root)}; for i in $(seq 15); do mkdir -p ${level}side && cd -P ${level} && : > file || exit 1; done`;
  expect(spawnSync('bash', ['-c', script]).status).toBe(0);
  await expect(storage.save(`${'e/'.repeat(1500)}x`, 'x')).rejects.toMatchObject({ code: 'name-too-long' });
  let open = 0;
  const listed: string[] = [];
  for await (const { name } of storage.list('', { pageSize: 1, details: true })) {
    listed.push(name);
    open = Math.max(open, openBelow(root));
  }
  expect(listed).toEqual([`${level}file`, 'top.txt']);
  expect(open).toBeLessThan(30);
  expect(await storage.listdir()).toEqual({ folders: ['d'], files: ['top.txt'] });
  expect(await storage.listdir(level)).toEqual({ folders: [], files: ['file'] });
  expect(openBelow(root)).toBe(0);
});

function openBelow(path: string): number {
  return readdirSync('/proc/self/fd').filter(descriptor => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(path);
    } catch {
      return false;
    }
  }).length;
}
