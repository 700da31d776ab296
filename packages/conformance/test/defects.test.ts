import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileSystemStorage } from '@fieldfile/fs';
import { expect, test } from 'vitest';
import { storageBehaviours } from '../src/storage/behaviours.ts';
import { defects } from './defects.ts';

const PACKAGES = new URL('../../', import.meta.url);
const ids = storageBehaviours.map(({ id }) => id);

test.each(defects)(
  '$id: $what: is kept out by what the list says',
  async ({ behaviours = [], tests = [], note }) => {
    expect(behaviours.length > 0 || tests.length > 0 || note !== undefined).toBe(true);
    for (const behaviour of behaviours)
      expect(
        ids.filter(id => (behaviour.endsWith('-') ? id.startsWith(behaviour) : id === behaviour)),
      ).not.toEqual([]);
    for (const [file, name] of tests) expect(await readFile(new URL(file, PACKAGES), 'utf8')).toContain(name);
  },
);

test('every behaviour that is named after a defect is listed under it', () => {
  for (const { id, title } of storageBehaviours) {
    const named = /^D\d+(?=:)/.exec(title)?.[0];
    if (named) expect(defects.find(defect => defect.id === named)?.behaviours).toContain(id);
  }
});

test('D30: making a storage touches nothing, and what is wrong is told by its first call', async () => {
  const root = join(tmpdir(), `fieldfile-never-made-${crypto.randomUUID()}`, 'media');
  const storage = new FileSystemStorage({ root });
  await expect(readdir(root)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await storage.exists('a.txt')).toBe(false);
});

test('D31: a folder whose name begins like the root is not in the root', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fieldfile-'));
  try {
    await mkdir(join(folder, 'up-evil'));
    await writeFile(join(folder, 'up-evil', 'secret.txt'), 'secret');
    const storage = new FileSystemStorage({ root: join(folder, 'up') });
    for (const name of [
      '../up-evil/secret.txt',
      '-evil/../../up-evil/secret.txt',
      join(folder, 'up-evil/secret.txt'),
    ]) {
      await expect(storage.open(name)).rejects.toMatchObject({ code: 'suspicious-name' });
      expect(() => storage.path(name)).toThrow(expect.objectContaining({ code: 'suspicious-name' }));
    }
    await expect(storage.open('-evil/secret.txt')).rejects.toMatchObject({ code: 'not-found' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
