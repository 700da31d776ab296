import { mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Storage, storages, withPrefix } from '@fieldfile/storage';
import { expect, onTestFinished, test } from 'vitest';
import type { FileSystemStorageOptions } from './options.ts';
import { FileSystemStorage } from './storage.ts';

const invalid = expect.objectContaining({ code: 'invalid-argument' });

async function fixture() {
  const folder = await mkdtemp(join(tmpdir(), 'fieldfile-identity-'));
  const opened: Storage[] = [];
  onTestFinished(async () => {
    for (const storage of opened) await storage[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  const open = (path: string, options: Partial<FileSystemStorageOptions> = {}): FileSystemStorage => {
    const storage = new FileSystemStorage({ root: join(folder, path), ...options });
    opened.push(storage);
    return storage;
  };
  return { folder, open };
}

test('a root reached by links is the folder they lead to, also before it is made', async () => {
  const { folder, open } = await fixture();
  await mkdir(join(folder, 'a'));
  await symlink('a', join(folder, 'link'));
  await symlink(join(folder, 'link/later'), join(folder, 'dangling'));
  const real = open('a/later');
  expect(real.id).toBe(`fs:${join(folder, 'a/later')}`);
  const spelled = [
    open('link/later'),
    open('dangling'),
    open('', { root: relative('.', join(folder, 'link/./later/')) }),
  ];
  expect(spelled.map(({ id }) => id)).toEqual(spelled.map(() => real.id));
  expect(spelled[1]?.formerIds).toEqual([`fs:${join(folder, 'dangling')}`]);
  await real.save('a.txt', 'one');
  for (const storage of spelled) expect(await storage.exists('a.txt')).toBe(true);
});

test('a root inside of another one is refused, by whatever path, and one beside it is not', async () => {
  const { folder, open } = await fixture();
  await mkdir(join(folder, 'media/inside'), { recursive: true });
  await symlink('media/inside', join(folder, 'link'));
  open('media');
  for (const path of ['media/inside', 'link', 'link/deeper', '.'])
    expect(() => open(path), path).toThrow(invalid);
  expect(() => open('media2')).not.toThrow();
  expect(() => open('media', { id: 'other' })).toThrow(/is the same place as storage/);
});

test('a prefix is the same place as the folder of that name', async () => {
  const { folder, open } = await fixture();
  const whole = open('media');
  const part = new Storage(withPrefix(whole.backend, 'inside'));
  await part.save('a.txt', 'one');
  expect(part.id).toBe(`fs:${join(folder, 'media/inside')}`);
  await whole[Symbol.asyncDispose]();
  expect(() => open('media/inside/deeper')).toThrow(invalid);
  await part[Symbol.asyncDispose]();
});

test('a storage whose root became a link elsewhere is refused when it is first used', async () => {
  const { folder, open } = await fixture();
  const storage = open('media');
  await mkdir(join(folder, 'elsewhere'));
  await symlink('elsewhere', join(folder, 'media'));
  await expect(storage.save('a.txt', 'one')).rejects.toEqual(invalid);
  await rename(join(folder, 'media'), join(folder, 'gone'));
  expect(await storage.save('a.txt', 'one')).toBe('a.txt');
});

test('a storage that is gone blocks nobody: disposed of, replaced, or not reached any more', async () => {
  const { folder } = await fixture();
  const at = (path: string): FileSystemStorage => new FileSystemStorage({ root: join(folder, path) });
  await at('a')[Symbol.asyncDispose]();
  at('b'); // nobody has it
  await using inside = at('b/inside');
  expect(inside.id).toBe(`fs:${join(folder, 'b/inside')}`);

  storages.configure({ 'identity-one': () => at('c'), 'identity-two': at('d') });
  const before = storages.get('identity-one');
  storages.configure({ 'identity-one': () => at('c/v2'), 'identity-two': () => at('d/v2') });
  for (const alias of ['identity-one', 'identity-two'])
    expect(await storages.get(alias).exists('x')).toBe(false);
  await expect(before.exists('x')).rejects.toEqual(invalid);
});
