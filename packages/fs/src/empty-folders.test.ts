import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Storage } from '@fieldfile/storage';
import { load } from '@fieldfile/test-servers/load';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { firstOutput, startProgram } from '../test/run-program.ts';
import { temporaryRoot } from '../test/temporary-root.ts';
import { FileSystemBackend } from './backend.ts';
import { CheckedDirectory } from './node-disk.ts';
import { FileSystemStorage } from './storage.ts';

const SAVES = load({ test: 300, ci: 1200, deep: 5000 });

let root: string;

beforeEach(() => {
  root = temporaryRoot();
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const kinds = [
  ['by descriptor', undefined, 0],
  // Every step looks at every folder again: without a pause it may lose a thousand times in a row.
  ['by checking', (path: string) => new CheckedDirectory(path, []), 1],
] as const;

describe.each(kinds)('a cleaner that removes empty folders all the time (%s)', (_, disk, pauseMs) => {
  test('keeps no save, replace or copy from succeeding', async () => {
    const cleaner = startProgram(`
      import { readdirSync, rmdirSync } from 'node:fs';
      const clean = folder => {
        for (const entry of readdirSync(folder, { withFileTypes: true }))
          if (entry.isDirectory()) {
            const path = folder + '/' + entry.name;
            try { clean(path); } catch {}
            try { rmdirSync(path); } catch {}
          }
      };
      console.log('ready');
      const pause = new Int32Array(new SharedArrayBuffer(4));
      for (;;) {
        clean(${JSON.stringify(root)});
        if (${pauseMs} > 0) Atomics.wait(pause, 0, 0, ${pauseMs});
      }
    `);
    try {
      await firstOutput(cleaner);
      const backend = new FileSystemBackend({ root, durability: 'process-crash' }, disk);
      const storage = new Storage(backend);
      for (let index = 0; index < SAVES; index += 10)
        await Promise.all(
          Array.from({ length: 10 }, async (_, lane) => {
            const name = `a/b/${lane % 3}/${index + lane}.txt`;
            expect(await storage.save(name, 'x')).toBe(name);
            await storage.replace(`c/d/${lane}.txt`, 'y');
            expect(await storage.copy(name, `e/f/${index + lane}.txt`)).toBe(`e/f/${index + lane}.txt`);
            for (const gone of [name, `c/d/${lane}.txt`, `e/f/${index + lane}.txt`])
              await storage.delete(gone);
          }),
        );
    } finally {
      const ended = new Promise(resolve => cleaner.once('close', resolve));
      cleaner.kill('SIGKILL');
      await ended;
    }
  });
});

describe('deleting', () => {
  test('of one empty folder by many at once is never an error', async () => {
    const storage = new FileSystemStorage({ root });
    for (let round = 0; round < 50; round++) {
      mkdirSync(join(root, 'empty'));
      await Promise.all(Array.from({ length: 8 }, () => storage.delete('empty')));
      expect(existsSync(join(root, 'empty'))).toBe(false);
    }
  });

  test('leaves links and pipes, which are no objects', async () => {
    mkdirSync(join(root, 'folder'));
    symlinkSync('folder', join(root, 'link'));
    expect(spawnSync('mkfifo', [join(root, 'pipe')]).status).toBe(0);
    const storage = new FileSystemStorage({ root });
    for (const name of ['link', 'pipe']) await storage.delete(name);
    expect(await storage.deleteMany(['link', 'pipe'])).toEqual(new Map());
    expect(readdirSync(root).sort()).toEqual(['folder', 'link', 'pipe']);
  });
});

describe('removeEmptyFolders', () => {
  test('removes what a delete, a move or an undo leaves empty, and nothing else', async () => {
    const storage = new FileSystemStorage({ root, removeEmptyFolders: true });
    await storage.save('a/b/c.txt', 'c');
    await storage.save('a/d.txt', 'd');
    await storage.delete('a/b/c.txt');
    expect(readdirSync(join(root, 'a'))).toEqual(['d.txt']);
    await storage.move('a/d.txt', 'x/y/z.txt');
    expect(readdirSync(root).sort()).toEqual(['.fieldfile', 'x']);
    const { name, writeId } = await storage.create('p/q.txt', 'q');
    await storage.undo(name, writeId);
    await storage.deleteMany(['x/y/z.txt', 'not/there.txt']);
    expect(readdirSync(root)).toEqual(['.fieldfile']);
    mkdirSync(join(root, 'empty/inner'), { recursive: true });
    await storage.delete('empty/inner');
    expect(readdirSync(root)).toEqual(['.fieldfile']);
  });

  test('is safe beside writers', async () => {
    const storage = new FileSystemStorage({ root, removeEmptyFolders: true, durability: 'process-crash' });
    const lanes = Array.from({ length: 8 }, async (_, lane) => {
      for (let index = 0; index < SAVES / 10; index++) {
        const name = await storage.save(`shared/deep/${lane}-${index}.txt`, `${lane}-${index}`);
        await using opened = await storage.open(name);
        expect(await opened.text()).toBe(`${lane}-${index}`);
        await storage.delete(name);
      }
    });
    await Promise.all(lanes);
    expect(readdirSync(root)).toEqual(['.fieldfile']);
  });
});
