import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { ObjectVersion } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { temporaryRoot } from '../test/temporary-root.ts';
import { MARKER } from './root-marker.ts';
import { FileSystemStorage } from './storage.ts';

let top: string;
let root: string;

beforeEach(() => {
  top = temporaryRoot();
  root = join(top, 'disk/media');
});

afterEach(() => {
  spawnSync('umount', [join(top, 'disk')]);
  rmSync(top, { recursive: true, force: true });
});

const MAKE_DISK = 'mkfs.ext4';

const marker = (): string => readFileSync(join(root, '.fieldfile', MARKER), 'utf8');

const VANISHED = { code: 'backend', applied: false, message: expect.stringContaining('is not there') };

/** Everything that would be wrong if it were believed of another folder. */
const acts: Readonly<Record<string, (storage: FileSystemStorage) => Promise<unknown>>> = {
  save: storage => storage.save('new.txt', 'x'),
  'save in a folder': storage => storage.save('a/new.txt', 'x'),
  replace: storage => storage.replace('a/b.txt', 'x'),
  open: storage => storage.open('a/b.txt'),
  exists: storage => storage.exists('a/b.txt'),
  delete: storage => storage.delete('a/b.txt'),
  deleteMany: async storage => {
    const failed = await storage.deleteMany(['a/b.txt']);
    for (const error of failed.values()) throw error;
  },
  copy: storage => storage.copy('a/b.txt', 'copy.txt'),
  list: storage => Array.fromAsync(storage.list()),
  listdir: storage => storage.listdir(),
  'replace if it matches': storage => storage.replace('a/b.txt', 'x', { ifMatch: 'none' as ObjectVersion }),
  'delete if it matches': storage => storage.delete('a/b.txt', { ifMatch: 'none' as ObjectVersion }),
  undo: storage => storage.undo('a/b.txt', newWriteId()),
};

describe('a root that is gone', () => {
  for (const [what, replace] of [
    ['removed', () => {}],
    ['an empty folder', () => mkdirSync(root)],
    [
      'another root',
      async () => {
        await new FileSystemStorage({ root }).save('other.txt', 'other');
      },
    ],
  ] as const)
    test(`(${what}) is an error that says so, whatever is asked, and nothing is written`, async () => {
      const storage = new FileSystemStorage({ root });
      await storage.save('a/b.txt', 'one');
      renameSync(root, join(top, 'aside'));
      await replace();
      const before = existsSync(root) ? readdirSync(root) : undefined;
      for (const [name, act] of Object.entries(acts))
        await expect(act(storage), name).rejects.toMatchObject(VANISHED);
      expect(existsSync(root) ? readdirSync(root) : undefined).toEqual(before);
      rmSync(root, { recursive: true, force: true });
      renameSync(join(top, 'aside'), root);
      expect(await storage.save('a/c.txt', 'two')).toBe('a/c.txt');
      expect(await storage.exists('a/b.txt')).toBe(true);
    });

  test('is an error in a storage that only looked for objects', async () => {
    await new FileSystemStorage({ root }).save('a.txt', 'one');
    const storage = new FileSystemStorage({ root });
    expect(await storage.exists('b.txt')).toBe(false);
    rmSync(root, { recursive: true });
    await expect(storage.exists('b.txt')).rejects.toMatchObject(VANISHED);
    await expect(storage.save('b.txt', 'x')).rejects.toMatchObject(VANISHED);
  });

  test('is made anew by who constructs the storage anew', async () => {
    const storage = new FileSystemStorage({ root });
    await storage.save('a.txt', 'one');
    const first = marker();
    rmSync(root, { recursive: true });
    await expect(storage.save('a.txt', 'two')).rejects.toMatchObject(VANISHED);
    expect(await new FileSystemStorage({ root }).save('a.txt', 'two')).toBe('a.txt');
    expect(marker()).not.toBe(first);
  });

  test('with its disk is an error until it is mounted again', async context => {
    const disk = join(top, 'disk');
    mkdirSync(disk, { recursive: true });
    const image = join(top, 'image');
    const mount = (): boolean => spawnSync('mount', ['-o', 'loop', image, disk]).status === 0;
    writeFileSync(image, new Uint8Array(8 * 1024 * 1024));
    if (spawnSync(MAKE_DISK, ['-q', image]).status !== 0 || !mount())
      return context.skip('mounting needs root and mkfs');
    const storage = new FileSystemStorage({ root });
    await storage.save('a.txt', 'one');
    expect(spawnSync('umount', [disk]).status).toBe(0);
    await expect(storage.save('b.txt', 'two')).rejects.toMatchObject(VANISHED);
    await expect(storage.exists('a.txt')).rejects.toMatchObject(VANISHED);
    expect(readdirSync(disk)).toEqual([]);
    expect(mount()).toBe(true);
    expect(await storage.save('b.txt', 'two')).toBe('b.txt');
    expect(await storage.exists('a.txt')).toBe(true);
  });
});

describe('the marker of a root', () => {
  test('is one, whoever makes it', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => new FileSystemStorage({ root }).save(`${index}`, 'x')),
    );
    expect(readdirSync(join(root, '.fieldfile'))).toEqual([MARKER]);
    const first = marker();
    await new FileSystemStorage({ root }).save('again', 'x');
    expect(marker()).toBe(first);
  });

  test('is added to a folder that others filled, and completed where it was half written', async () => {
    mkdirSync(join(root, '.fieldfile'), { recursive: true });
    writeFileSync(join(root, 'django.txt'), 'x');
    writeFileSync(join(root, '.fieldfile', MARKER), '');
    const storage = new FileSystemStorage({ root });
    await storage.save('a.txt', 'one');
    expect(marker()).toMatch(/^[\w-]{36}\n/);
    expect(await Array.fromAsync(storage.list(), ({ name }) => name as string)).toEqual([
      'a.txt',
      'django.txt',
    ]);
  });

  test('is not missed by who has the same root before him', async () => {
    const storage = new FileSystemStorage({ root });
    await storage.save('a.txt', 'one');
    unlinkSync(join(root, '.fieldfile', MARKER));
    expect(await storage.save('b.txt', 'two')).toBe('b.txt');
  });
});

describe('createRoot: false', () => {
  test('refuses a folder that is no root, or none at all, and leaves it as it is', async () => {
    const storage = new FileSystemStorage({ root, createRoot: false });
    for (const [name, act] of Object.entries(acts))
      await expect(act(storage), name).rejects.toMatchObject(VANISHED);
    expect(existsSync(root)).toBe(false);
    mkdirSync(root, { recursive: true });
    for (const [name, act] of Object.entries(acts))
      await expect(act(storage), name).rejects.toMatchObject({
        message: expect.stringContaining('createRoot'),
      });
    expect(readdirSync(root)).toEqual([]);
  });

  test('goes on with a root that was made before, or marked by hand', async () => {
    await new FileSystemStorage({ root }).save('a.txt', 'one');
    const storage = new FileSystemStorage({ root, createRoot: false });
    expect(await storage.exists('b.txt')).toBe(false);
    expect(await storage.save('b.txt', 'two')).toBe('b.txt');
    const byHand = join(top, 'by-hand');
    mkdirSync(join(byHand, '.fieldfile'), { recursive: true });
    writeFileSync(join(byHand, '.fieldfile', MARKER), '');
    const marked = new FileSystemStorage({ root: byHand, createRoot: false });
    expect(await marked.save('c.txt', 'three')).toBe('c.txt');
  });

  test('is refused when it is no boolean', () => {
    expect(() => new FileSystemStorage({ root, createRoot: 'no' as never })).toThrow(/createRoot/);
  });
});
