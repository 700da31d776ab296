import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Storage } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { firstOutput, startProgram } from '../test/run-program.ts';
import { temporaryRoot } from '../test/temporary-root.ts';
import { FileSystemBackend } from './backend.ts';
import { CheckedDirectory } from './node-disk.ts';
import { FileSystemStorage } from './storage.ts';

let top: string;
let root: string;
let outside: string;

beforeEach(() => {
  top = temporaryRoot();
  root = join(top, 'root');
  outside = join(top, 'outside');
  mkdirSync(root);
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret'), 'secret');
});

afterEach(() => {
  rmSync(top, { recursive: true, force: true });
});

const kinds = [
  ['by descriptor', () => new FileSystemStorage({ root })],
  ['by checking', () => new Storage(new FileSystemBackend({ root }, path => new CheckedDirectory(path, [])))],
] as const;

describe.each(kinds)('a symbolic link, %s,', (_, open) => {
  test('that is a folder is never followed', async () => {
    symlinkSync(outside, join(root, 'link'));
    const storage = open();
    for (const act of [
      () => storage.save('link/new', 'x'),
      () => storage.save('link/deep/new', 'x'),
      () => storage.replace('link/secret', 'x'),
      () => storage.open('link/secret'),
      () => storage.info('link/secret'),
      () => storage.delete('link/secret'),
      () => storage.copy('link/secret', 'copy'),
    ])
      await expect(act()).rejects.toMatchObject({
        code: 'suspicious-name',
        message: expect.stringContaining('symbolic link'),
      });
    expect(await Array.fromAsync(storage.list())).toEqual([]);
    expect(await Array.fromAsync(storage.list('link/'))).toEqual([]);
    expect(readdirSync(outside)).toEqual(['secret']);
  });

  test.each(['link/inner', 'folder/link'])('is never followed on the way to %s', async folder => {
    mkdirSync(join(outside, 'inner'));
    mkdirSync(join(root, 'folder'));
    const target = folder.startsWith('link') ? outside : join(outside, 'inner');
    symlinkSync(target, join(root, folder.replace('/inner', '')));
    writeFileSync(join(outside, 'inner', 'secret'), 'secret');
    const storage = open();
    const from = await storage.save('mine', 'x');
    for (const act of [
      () => storage.save(`${folder}/new`, 'x'),
      () => storage.replace(`${folder}/secret`, 'x'),
      () => storage.open(`${folder}/secret`),
      () => storage.info(`${folder}/secret`),
      () => storage.info(`${folder}/deep/secret`),
      () => storage.delete(`${folder}/secret`),
      () => storage.copy(`${folder}/secret`, 'copy'),
      () => storage.copy(from, `${folder}/copy`),
      () => storage.undo(`${folder}/secret`, newWriteId()),
    ])
      await expect(act()).rejects.toMatchObject({
        code: 'suspicious-name',
        message: expect.stringContaining('symbolic link'),
      });
    expect(readdirSync(outside, { recursive: true }).sort()).toEqual(['inner', 'inner/secret', 'secret']);
  });

  test('that is a file is no object, and is replaced itself', async () => {
    symlinkSync(join(outside, 'secret'), join(root, 'a'));
    const storage = open();
    await expect(storage.open('a')).rejects.toMatchObject({ code: 'not-found' });
    await expect(storage.copy('a', 'b')).rejects.toMatchObject({ code: 'not-found' });
    await storage.replace('a', 'mine');
    await using opened = await storage.open('a');
    expect(await opened.text()).toBe('mine');
  });

  test('that is the root is followed', async () => {
    symlinkSync(outside, join(top, 'link'));
    const storage = new FileSystemStorage({ root: join(top, 'link') });
    await storage.save('a/b', 'x');
    expect(readdirSync(outside).sort()).toEqual(['.fieldfile', 'a', 'secret']);
  });
});

test.each(['folder', 'folder/inner'])(
  'a symbolic link planted again and again while saving in %s never leads outside',
  async saved => {
    mkdirSync(join(outside, 'inner'));
    mkdirSync(join(root, 'folder'));
    const swapping = startProgram(`
    import { mkdirSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
    process.chdir(${JSON.stringify(root)});
    mkdirSync('../aside');
    console.log('ready');
    for (let round = 0; ; round++) {
      renameSync('folder', '../aside/' + round);
      try {
        symlinkSync(${JSON.stringify(outside)}, 'folder');
      } catch {
        continue; // the other process made the folder anew
      }
      unlinkSync('folder');
      try {
        mkdirSync('folder');
      } catch {} // as above
    }
  `);
    try {
      await firstOutput(swapping);
      const storage = new FileSystemStorage({ root, durability: 'process-crash' });
      const outcomes = { done: 0, refused: 0 };
      for (let round = 0; outcomes.refused < 20 || outcomes.done < 20; round++) {
        await storage
          .save(`${saved}/${round}`, 'x')
          .then(() => outcomes.done++)
          .catch((error: { code?: string }) => {
            expect(['suspicious-name', 'not-found', 'exists', 'conflict']).toContain(error.code);
            outcomes.refused++;
          });
        await storage.delete(`${saved}/${round}`).catch(() => {});
        expect(round).toBeLessThan(100_000);
      }
      expect(readdirSync(outside, { recursive: true }).sort()).toEqual(['inner', 'secret']);
    } finally {
      const ended = new Promise(resolve => swapping.once('close', resolve));
      swapping.kill('SIGKILL');
      await ended;
    }
  },
);

test('a symbolic link planted again and again while reading never leads outside', async () => {
  mkdirSync(join(root, 'folder'));
  writeFileSync(join(root, 'folder', 'secret'), 'public');
  const swapping = startProgram(`
    import { renameSync, symlinkSync, unlinkSync } from 'node:fs';
    process.chdir(${JSON.stringify(root)});
    console.log('ready');
    for (;;) {
      renameSync('folder', '../aside');
      symlinkSync(${JSON.stringify(outside)}, 'folder');
      unlinkSync('folder');
      renameSync('../aside', 'folder');
    }
  `);
  try {
    await firstOutput(swapping);
    const storage = new FileSystemStorage({ root });
    const outcomes = { read: 0, refused: 0 };
    for (let round = 0; outcomes.refused < 20 || outcomes.read < 20; round++) {
      try {
        await using opened = await storage.open('folder/secret');
        expect(await opened.text()).toBe('public');
        outcomes.read++;
      } catch (error) {
        expect(error).toHaveProperty('code', expect.stringMatching(/^(suspicious-name|not-found)$/));
        outcomes.refused++;
      }
      expect(round).toBeLessThan(100_000);
    }
  } finally {
    const ended = new Promise(resolve => swapping.once('close', resolve));
    swapping.kill('SIGKILL');
    await ended;
  }
});
