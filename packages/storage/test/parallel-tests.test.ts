import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MemoryStorage } from '@fieldfile/memory';
import { storages } from '@fieldfile/storage';
import { expect, test } from 'vitest';

// Node 22 strips types but does not know `await using`: there only what is built runs.
const runsFromSource = Number.parseInt(process.versions.node, 10) >= 24;

test.skipIf(!runsFromSource)(
  'storages.run keeps parallel tests of node --test apart, where contexts of hooks do not reach them',
  async () => {
    const example = new URL('parallel-tests.example.ts', import.meta.url).pathname;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@fieldfile/source', '--test', '--test-reporter=tap', example],
      // Without what vitest set for its own workers.
      { env: { PATH: process.env.PATH } },
    );
    expect(stdout).toMatch(/^# pass 4$/m);
    expect(stdout).toMatch(/^# fail 0$/m);
  },
);

test.concurrent.each(['one', 'two', 'three'])(
  'storages.run keeps parallel tests of vitest apart: %s',
  async content => {
    await storages.run({ default: new MemoryStorage() }, async () => {
      expect(await storages.get('default').save('a.txt', content)).toBe('a.txt');
      await new Promise(setImmediate);
      await using opened = await storages.get('default').open('a.txt');
      expect(await opened.text()).toBe(content);
    });
  },
);
