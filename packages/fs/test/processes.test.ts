import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { load } from '@fieldfile/test-servers/load';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileSystemStorage } from '../src/storage.ts';
import { manyProcesses } from './many-processes.ts';
import { firstOutput, runProgram, startProgram } from './run-program.ts';
import { temporaryRoot } from './temporary-root.ts';

let root: string;

beforeEach(() => {
  root = temporaryRoot();
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('processes', () => {
  test('that save one name at once all keep their object', async () => {
    expect(await manyProcesses(10, load({ test: 20, ci: 50, deep: 200 }))).toEqual([]);
  });

  test('that replace one version at once lose no update', async () => {
    const storage = new FileSystemStorage({ root });
    await storage.save('counter', '0');
    await Promise.all(
      Array.from({ length: 4 }, () =>
        runProgram(`
          import { FileSystemStorage } from '@fieldfile/fs';
          import { isFieldFileError } from '@fieldfile/storage';
          const storage = new FileSystemStorage({ root: ${JSON.stringify(root)}, durability: 'process-crash' });
          for (let done = 0; done < 25; ) {
            const opened = await storage.open('counter');
            const next = String(Number(await opened.text()) + 1);
            try {
              await storage.replace('counter', next, { ifMatch: opened.info.version });
              done += 1;
            } catch (error) {
              if (!isFieldFileError(error, 'precondition')) throw error;
            }
          }
        `),
      ),
    );
    expect(readFileSync(join(root, 'counter'), 'utf8')).toBe('100');
  });

  test('that are killed at any moment leave every visible object whole, old or new', async () => {
    const letters = 'abcdefgh';
    for (const letter of letters) {
      const child = startProgram(`
        import { FileSystemStorage } from '@fieldfile/fs';
        const storage = new FileSystemStorage({ root: ${JSON.stringify(root)} });
        const content = '${letter}'.repeat(3_000_000);
        for (let index = 0; ; index++) {
          await storage.replace('replaced.txt', content);
          if (index === 0) console.log('ready');
          await storage.save('saved/' + index + '.txt', content);
        }
      `);
      const closed = once(child, 'close');
      await firstOutput(child);
      // A different moment each time, by progress and not by the clock.
      const storage = new FileSystemStorage({ root });
      const { version } = await storage.info('replaced.txt');
      while ((await storage.info('replaced.txt')).version === version);
      child.kill('SIGKILL');
      await closed;
      for await (const { name } of storage.list()) {
        await using opened = await storage.open(name);
        const text = await opened.text();
        expect(text.length).toBe(3_000_000);
        expect(letters).toContain(text[0]);
        expect(text === (text[0] ?? '').repeat(3_000_000)).toBe(true);
      }
      // What was killed holds no lock.
      await storage.replace('replaced.txt', 'free'.repeat(750_000), {
        ifMatch: (await storage.info('replaced.txt')).version,
      });
      await storage.replace('replaced.txt', 'a'.repeat(3_000_000));
      await storage[Symbol.asyncDispose]();
    }
  });
});
