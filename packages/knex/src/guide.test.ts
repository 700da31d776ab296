import { join } from 'node:path';
import { runGuide, runsTypeScript } from '@fieldfile/test-servers/examples';
import { expect, test } from 'vitest';

const TIME_LIMIT_MS = 5 * 60_000;

test.skipIf(!runsTypeScript)(
  'the binding of docs/write-a-binding.md passes the contract',
  async () => {
    const stdout = await runGuide('write-a-binding.md', join(import.meta.dirname, '..'), TIME_LIMIT_MS);
    expect(stdout).toMatch(/Knex on SQLite: \d{3} behaviours, \d{3} passed, \d+ skipped/);
    expect(stdout).toMatch(/^. fail 0$/m);
  },
  TIME_LIMIT_MS,
);
