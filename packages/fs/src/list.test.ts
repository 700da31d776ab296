import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Storage } from '@fieldfile/storage';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { refusingDisk } from '../test/refusing-disk.ts';
import { temporaryRoot } from '../test/temporary-root.ts';
import { FileSystemBackend } from './backend.ts';
import { FileSystemStorage } from './storage.ts';

let root: string;

beforeEach(() => {
  root = temporaryRoot();
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function put(...names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), name);
  }
}

const listed = (prefix = ''): Promise<string[]> =>
  Array.fromAsync(new FileSystemStorage({ root }).list(prefix), object => object.name as string);

describe('listing', () => {
  test('is in the order of the UTF-8 bytes of whole names', async () => {
    const names = [
      'a',
      'a-b',
      'a.txt',
      'b/a',
      'b.txt',
      'b-',
      'b0',
      '\uffee',
      '\u{1f600}',
      'ä',
      'Z',
      '\u{1f600}x/y',
    ];
    put(...names);
    const byBytes = (one: string, other: string): number =>
      Buffer.compare(Buffer.from(one), Buffer.from(other));
    expect(await listed()).toEqual([...names].sort(byBytes));
  });

  test('passes by links, pipes, control characters and names that are no UTF-8', async () => {
    put('a', 'replaced \ufffd', 'b/c');
    symlinkSync('a', join(root, 'link'));
    symlinkSync('b', join(root, 'linked-folder'));
    writeFileSync(Buffer.concat([Buffer.from(`${root}/not-`), Buffer.from([0xff])]), 'x');
    writeFileSync(join(root, 'new\nline'), 'x');
    expect(spawnSync('mkfifo', [join(root, 'pipe')]).status).toBe(0);
    expect(await listed()).toEqual(['a', 'b/c', 'replaced \ufffd']);
    const storage = new FileSystemStorage({ root });
    for (const name of ['link', 'pipe', 'linked-folder', 'b']) {
      await expect(storage.open(name)).rejects.toMatchObject({ code: 'not-found' });
      expect(await storage.exists(name)).toBe(false);
    }
  });

  test('of a prefix that is no folder, or that no name can have, is empty', async () => {
    put('a/b');
    const backend = new FileSystemBackend({ root });
    for (const prefix of ['x/', 'a/b/', '../', '/', './', 'a//', '.fieldfile/', 'a\0/'])
      expect(await Array.fromAsync(backend.list({ prefix, pageSize: 10 }))).toEqual([]);
  });

  test('reads only the folders that a page needs, and holds nothing open in between', async () => {
    for (let folder = 0; folder < 10; folder++)
      put(...Array.from({ length: 100 }, (_, file) => `folder-${folder}/sub/${file}`));
    let read = 0;
    const counting = refusingDisk('EIO', method => {
      if (method === 'entries') read += 1;
      return false;
    });
    const backend = new FileSystemBackend({ root }, counting);
    for await (const { objects } of backend.list({ prefix: '', pageSize: 50 })) {
      expect(objects.length).toBe(50);
      break;
    }
    expect(read).toBe(3);
  });

  test('goes on when folders vanish meanwhile', async () => {
    put('a/1', 'a/2', 'b/1', 'c/1');
    const storage = new Storage(new FileSystemBackend({ root }));
    const listed: string[] = [];
    for await (const { name } of storage.list('', { pageSize: 1, details: true })) {
      listed.push(name);
      rmSync(join(root, 'a'), { recursive: true, force: true });
      rmSync(join(root, 'b'), { recursive: true, force: true });
    }
    expect(listed).toEqual(['a/1', 'c/1']);
  });

  test('of a root that is not there is empty', async () => {
    expect(await Array.fromAsync(new FileSystemStorage({ root: join(root, 'none') }).list())).toEqual([]);
  });
});
