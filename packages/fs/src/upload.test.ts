import { spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Storage } from '@fieldfile/storage';
import { fromPath } from '@fieldfile/storage/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Refusal, refusingDisk } from '../test/refusing-disk.ts';
import { temporaryRoot } from '../test/temporary-root.ts';
import { FileSystemBackend } from './backend.ts';
import { MARKER } from './root-marker.ts';
import { FileSystemStorage } from './storage.ts';

let root: string;
const mounts: string[] = [];

beforeEach(() => {
  root = temporaryRoot();
});

afterEach(() => {
  for (const path of mounts.splice(0)) spawnSync('umount', [path]);
  rmSync(root, { recursive: true, force: true });
});

const text = (name: string): string => readFileSync(join(root, name), 'utf8');

/** What is not yet, or no more, an object; the lock and the root's marker stay. */
const leftovers = (folder = root): readonly string[] =>
  existsSync(join(folder, '.fieldfile'))
    ? readdirSync(join(folder, '.fieldfile')).filter(name => name !== 'lock.db' && name !== MARKER)
    : [];

/** Files below a folder that this process has open, where the system tells. */
const openBelow = (folder: string): readonly string[] =>
  (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd') : [])
    .filter(descriptor => existsSync(`/proc/self/fd/${descriptor}`)) // the reading had one, too
    .map(descriptor => readlinkSync(`/proc/self/fd/${descriptor}`))
    .filter(path => path.startsWith(folder));

/** Another disk at a path of the root; false where that takes rights we do not have. */
function mount(path: string, options = 'size=4m'): boolean {
  mkdirSync(path, { recursive: true });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]).status === 0;
  if (mounted) mounts.push(path);
  return mounted;
}

const refusing = (code: string, refuses: Refusal): Storage<FileSystemBackend> =>
  new Storage(new FileSystemBackend({ root }, refusingDisk(code, refuses)));

describe('saving', () => {
  test('django 4.4/51 test_file_save_with_path: makes the folders', async () => {
    expect(await new FileSystemStorage({ root }).save('path/to/test.file', 'content')).toBe(
      'path/to/test.file',
    );
    expect(text('path/to/test.file')).toBe('content');
  });

  test('django 4.4/52 test_file_save_broken_symlink: takes another name than that of a broken link', async () => {
    symlinkSync('nowhere', join(root, 'test.txt'));
    const name = await new FileSystemStorage({ root }).save('test.txt', 'content');
    expect(name).not.toBe('test.txt');
    expect(text(name)).toBe('content');
    expect(existsSync(join(root, 'nowhere'))).toBe(false);
  });

  test('django 4.4/54 test_file_path: tells where the file is', () => {
    expect(new FileSystemStorage({ root }).path('a/b.txt')).toBe(join(root, 'a/b.txt'));
  });

  test('django 4.4/58 test_file_storage_prevents_directory_traversal', async () => {
    const storage = new FileSystemStorage({ root });
    for (const name of ['..', '../x', '/etc/passwd', 'a/../../x', '.fieldfile/x', 'a/.fieldfile/x'])
      for (const act of [
        () => storage.exists(name),
        () => storage.save(name, 'x'),
        () => storage.open(name),
        () => storage.delete(name),
        async () => storage.path(name),
      ])
        await expect(act()).rejects.toMatchObject({ code: 'suspicious-name' });
    expect(readdirSync(root)).toEqual([]);
  });

  test('django 4.4/59 test_file_storage_preserves_filename_case', async () => {
    const storage = new FileSystemStorage({ root: join(root, 'MixedCase') });
    expect(await storage.save('Folder/CaSe_Sensitive', 'x')).toBe('Folder/CaSe_Sensitive');
    expect(text('MixedCase/Folder/CaSe_Sensitive')).toBe('x');
  });

  test('django 4.4/60 test_makedirs_race_handling: lets folders be made by others, and tells of other errors', async () => {
    const storages = Array.from({ length: 8 }, () => new FileSystemStorage({ root }));
    await Promise.all(storages.map((storage, index) => storage.save(`raced/deep/${index}`, 'x')));
    expect(readdirSync(join(root, 'raced/deep')).length).toBe(8);
    const refused = refusing('EACCES', (method, name) => method === 'makeDirectory' && name === 'error');
    await expect(refused.save('error/test.file', 'x')).rejects.toMatchObject({ code: 'permission' });
    expect(leftovers()).toEqual([]);
  });

  test('django 4.4/62 test_file_chunks_error: rejects with the error of the content, untouched, and leaves nothing', async () => {
    const failure = Object.assign(new Error('no such file'), { code: 'ENOENT', syscall: 'open', errno: -2 });
    async function* content(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(3_000_000);
      throw failure;
    }
    const storage = new FileSystemStorage({ root });
    await storage.save('old.txt', 'old');
    await expect(storage.save('a/error.file', content())).rejects.toBe(failure);
    await expect(storage.replace('old.txt', content())).rejects.toBe(failure);
    expect(existsSync(join(root, 'a'))).toBe(false);
    expect(text('old.txt')).toBe('old');
    expect(leftovers()).toEqual([]);
  });

  test('django 4.4/103 test_directory_with_dot: leaves the dots of folders alone', async () => {
    const storage = new FileSystemStorage({ root });
    await storage.save('dotted.path/test', '1');
    expect(await storage.save('dotted.path/test', '2')).toMatch(/^dotted\.path\/test_\w{7}$/);
    expect(existsSync(join(root, 'dotted_.path'))).toBe(false);
  });

  test('django 4.4/104 test_first_character_dot', async () => {
    const storage = new FileSystemStorage({ root });
    await storage.save('dotted/.test', '1');
    expect(await storage.save('dotted/.test', '2')).toMatch(/^dotted\/\.test_\w{7}$/);
  });

  test('below a file says that it exists and is not a directory', async () => {
    const storage = new FileSystemStorage({ root });
    await storage.save('a', 'file');
    await expect(storage.save('a/b', 'x')).rejects.toMatchObject({
      code: 'exists',
      message: expect.stringContaining('exists and is not a directory'),
    });
    await expect(storage.exists('a/b')).resolves.toBe(false);
    await expect(storage.open('a/b')).rejects.toMatchObject({ code: 'not-found' });
    expect(leftovers()).toEqual([]);
  });

  test('goes on when the internal folder is removed between saves', async () => {
    const storage = new FileSystemStorage({ root });
    await storage.save('a/b.txt', 'one');
    rmSync(join(root, '.fieldfile'), { recursive: true });
    expect(await storage.save('a/c.txt', 'two')).toBe('a/c.txt');
    expect([text('a/b.txt'), text('a/c.txt')]).toEqual(['one', 'two']);
  });

  test('makes the root and what is above it, also behind a symbolic link', async () => {
    mkdirSync(join(root, 'real'));
    symlinkSync('real', join(root, 'link'));
    await new FileSystemStorage({ root: join(root, 'link/not/yet') }).save('a.txt', 'a');
    expect(text('real/not/yet/a.txt')).toBe('a');
  });
});

describe('taking files of this machine', () => {
  test('a file that may be consumed is moved, not copied', async () => {
    const storage = new FileSystemStorage({ root: join(root, 'media') });
    writeFileSync(join(root, 'upload'), 'content', { mode: 0o600 });
    const { ino } = statSync(join(root, 'upload'));
    await storage.save('a/b.txt', await fromPath(join(root, 'upload'), { consume: true }));
    expect(statSync(join(root, 'media/a/b.txt')).ino).toBe(ino);
    expect(existsSync(join(root, 'upload'))).toBe(false);
    expect(statSync(join(root, 'media/a/b.txt')).nlink).toBe(1);
  });

  test('one with another name, or behind a link, is copied, so that nobody can change the object', async () => {
    const storage = new FileSystemStorage({ root: join(root, 'media') });
    writeFileSync(join(root, 'upload'), 'content');
    linkSync(join(root, 'upload'), join(root, 'other'));
    await storage.save('a.txt', await fromPath(join(root, 'upload'), { consume: true }));
    writeFileSync(join(root, 'other'), 'changed');
    expect(text('media/a.txt')).toBe('content');
    symlinkSync('other', join(root, 'symlink'));
    await storage.save('b.txt', await fromPath(join(root, 'symlink'), { consume: true }));
    expect(text('media/b.txt')).toBe('changed');
    expect(statSync(join(root, 'media/b.txt')).isFile()).toBe(true);
  });

  test('one that stays is copied', async () => {
    const storage = new FileSystemStorage({ root: join(root, 'media') });
    writeFileSync(join(root, 'upload'), 'content');
    await storage.save('a.txt', await fromPath(join(root, 'upload')));
    expect([text('upload'), text('media/a.txt')]).toEqual(['content', 'content']);
  });

  test('one that may be consumed stays when the save fails', async () => {
    writeFileSync(join(root, 'upload'), 'content');
    const storage = refusing('EIO', (method, name) => method === 'link' && name !== 'upload');
    await expect(
      storage.save('a.txt', await fromPath(join(root, 'upload'), { consume: true })),
    ).rejects.toMatchObject({ code: 'backend' });
    expect(text('upload')).toBe('content');
    expect(leftovers()).toEqual([]);
  });

  test.each([true, false])('a save whose onProgress throws leaves nothing (consume: %s)', async consume => {
    writeFileSync(join(root, 'upload'), 'content');
    const storage = new FileSystemStorage({ root: join(root, 'media') });
    const onProgress = (): never => {
      throw new Error('the page is gone');
    };
    const content = await fromPath(join(root, 'upload'), { consume });
    await expect(storage.save('a.txt', content, { onProgress })).rejects.toThrow('the page is gone');
    expect(text('upload')).toBe('content');
    expect(leftovers(join(root, 'media'))).toEqual([]);
    expect(openBelow(root)).toEqual([]);
  });

  test('one on another disk is copied, and then taken away', async context => {
    const elsewhere = join(root, 'elsewhere');
    if (!mount(elsewhere)) return context.skip('mounting needs root');
    const storage = new FileSystemStorage({ root: join(root, 'media') });
    writeFileSync(join(elsewhere, 'upload'), 'content');
    await storage.save('a.txt', await fromPath(join(elsewhere, 'upload'), { consume: true }));
    expect(text('media/a.txt')).toBe('content');
    expect(existsSync(join(elsewhere, 'upload'))).toBe(false);
  });
});

describe('without hard links', () => {
  const noLinks = (): Storage<FileSystemBackend> => refusing('EPERM', method => method === 'link');

  test('never overwrites', async () => {
    const storage = noLinks();
    const names = await Promise.all(
      Array.from({ length: 10 }, (_, index) => storage.save('a.txt', `${index}`)),
    );
    expect(new Set(names).size).toBe(10);
    expect(names.map(text).sort()).toEqual(Array.from({ length: 10 }, (_, index) => `${index}`));
    expect(leftovers()).toEqual([]);
  });

  test('undoes what is its own, and nothing else', async () => {
    const storage = noLinks();
    const one = await storage.create('a.txt', 'one');
    await storage.replace('a.txt', 'two');
    expect(await storage.undo('a.txt', one.writeId)).toBe('foreign');
    expect(text('a.txt')).toBe('two');
    const three = await storage.create('b.txt', 'three');
    expect(await storage.undo('b.txt', three.writeId)).toBe('removed');
    expect(existsSync(join(root, 'b.txt'))).toBe(false);
    expect(leftovers()).toEqual([]);
  });

  test('takes back the reservation when the rename fails, and when the process died before it', async () => {
    const failing = refusing('EPERM', method => method === 'link' || method === 'rename');
    await expect(failing.save('a.txt', 'one')).rejects.toMatchObject({ code: 'permission' });
    expect(existsSync(join(root, 'a.txt'))).toBe(false);
    expect(leftovers()).toEqual([]);
    const dying = refusing(
      'EPERM',
      (method, name) => ['link', 'rename', 'unlink'].includes(method) && !name.endsWith('.receipt'),
    );
    const lost = await dying.create('a.txt', 'one').catch((error: unknown) => error);
    expect(lost).toMatchObject({ code: 'permission' });
    expect(text('a.txt')).toMatch(/^reserved for write/);
    const writeId = /write (\w+)/.exec(text('a.txt'))?.[1] ?? '';
    const recovered = new FileSystemStorage({ root });
    expect(await recovered.undo('a.txt', writeId as Parameters<typeof recovered.undo>[1])).toBe('removed');
    expect(existsSync(join(root, 'a.txt'))).toBe(false);
    expect(leftovers()).toEqual([]);
  });
});

describe('another disk mounted below the root', () => {
  test('holds its objects whole, and undoes them', async context => {
    if (!mount(join(root, 'mounted'))) return context.skip('mounting needs root');
    const storage = new FileSystemStorage({ root });
    const one = await storage.create('mounted/sub/a.txt', 'one');
    expect(await storage.save('mounted/sub/a.txt', 'two')).toMatch(/a_\w{7}/);
    await storage.replace('mounted/sub/a.txt', 'three');
    expect(text('mounted/sub/a.txt')).toBe('three');
    expect(await storage.undo(one.name, one.writeId)).toBe('foreign');
    const four = await storage.create('mounted/b.txt', 'four');
    expect(await storage.undo(four.name, four.writeId)).toBe('removed');
    expect(existsSync(join(root, 'mounted/b.txt'))).toBe(false);
    expect([leftovers(), leftovers(join(root, 'mounted/sub'))]).toEqual([[], []]);
    const listed = await Array.fromAsync(storage.list(), object => object.name as string);
    expect(listed.length).toBe(2);
    expect(listed.join()).not.toContain('.fieldfile');
  });
});

describe('a full disk', () => {
  test('is told as such, and leaves nothing', async context => {
    const full = join(root, 'full');
    if (!mount(full, 'size=1m')) return context.skip('mounting needs root');
    const storage = new FileSystemStorage({ root: full });
    await storage.save('a.txt', 'old');
    const large = new Uint8Array(2 * 1024 * 1024);
    writeFileSync(join(root, 'large'), large);
    for (const act of [
      () => storage.save('b.bin', large),
      () => storage.replace('a.txt', large),
      async () => storage.save('b.bin', await fromPath(join(root, 'large'))),
    ])
      await expect(act()).rejects.toMatchObject({ code: 'no-space', applied: false });
    expect(await Array.fromAsync(storage.list(), object => object.name as string)).toEqual(['a.txt']);
    expect(readFileSync(join(full, 'a.txt'), 'utf8')).toBe('old');
    expect(leftovers(full)).toEqual([]);
  });
});

describe('deleting', () => {
  test('django 4.4/61 test_remove_race_handling: a vanished file is fine, other errors are told', async () => {
    const storage = new FileSystemStorage({ root });
    await storage.save('a.txt', 'a');
    await Promise.all(Array.from({ length: 8 }, () => storage.delete('a.txt')));
    const refused = refusing('EACCES', method => method === 'unlink');
    await expect(refused.delete('a.txt')).rejects.toMatchObject({ code: 'permission' });
  });

  test('django 4.4/64 test_delete_deletes_directories: removes an empty folder, and no other', async () => {
    const storage = new FileSystemStorage({ root });
    mkdirSync(join(root, 'empty'));
    await storage.save('full/a.txt', 'a');
    await storage.delete('empty');
    await storage.delete('full');
    expect(existsSync(join(root, 'empty'))).toBe(false);
    expect(text('full/a.txt')).toBe('a');
  });

  test('leaves the folders that become empty', async () => {
    const storage = new FileSystemStorage({ root });
    await storage.save('a/b/c.txt', 'c');
    await storage.delete('a/b/c.txt');
    expect(existsSync(join(root, 'a/b'))).toBe(true);
  });
});
