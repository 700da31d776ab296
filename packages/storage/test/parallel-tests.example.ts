import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeEach, describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { MemoryStorage } from '@fieldfile/memory';
import { storages } from '@fieldfile/storage';

// Parallel tests under `node --test`. vitest does not collect this file; parallel-tests.test.ts runs it in a process of its own.

const real = new MemoryStorage();
storages.configure({ default: real });

describe('parallel tests, each with a storage of its own', { concurrency: true }, () => {
  for (const content of ['one', 'two', 'three'])
    test(content, () =>
      storages.run({ default: new MemoryStorage() }, async () => {
        assert.equal(await storages.get('default').save('a.txt', content), 'a.txt');
        await turn();
        await using opened = await storages.get('default').open('a.txt');
        assert.equal(await opened.text(), content);
        assert.equal(await real.exists('a.txt'), false);
      }),
    );
});

describe('what a hook enters', () => {
  const context = new AsyncLocalStorage<string>();
  beforeEach(() => context.enterWith('hook'));

  test('does not reach the test', () => {
    assert.equal(context.getStore(), undefined);
  });
});
