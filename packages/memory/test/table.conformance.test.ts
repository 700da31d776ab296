import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bindingContract } from '@fieldfile/conformance/binding';
import { MemoryStorage } from '@fieldfile/memory';
import { bindingLoad } from '@fieldfile/test-servers/load';
import { describe, expect, test } from 'vitest';
import { tableSubject } from './table-subject.ts';

bindingContract({
  name: 'MemoryTable',
  test,
  describe,
  ...bindingLoad,
  createStorage: async () =>
    new MemoryStorage({ baseUrl: '/media/', signingKey: 'a secret of at least thirty-two bytes' }),
  open: async setup => tableSubject(setup),
  lacks: {
    isolation: 'there is one connection, which sees everything',
    'bulk-update': 'a table in memory has no such call',
    'deferred-constraints': 'rows in memory have no constraints',
    'not-null': 'rows in memory have no constraints',
    'lost-commit': 'rows in memory are not committed over a connection',
  },
});

// Node 22 strips types but does not know `await using`: there only what is built runs.
const runsFromSource = Number.parseInt(process.versions.node, 10) >= 24;

test.skipIf(!runsFromSource)('the contract runs under node --test', async () => {
  const example = join(import.meta.dirname, 'binding-node-test.example.ts');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@fieldfile/source', '--expose-gc', '--test', '--test-reporter=tap', example],
    // Without what vitest set for its own workers.
    { env: { PATH: process.env.PATH } },
  );
  expect(stdout).toMatch(/MemoryTable: \d+ behaviours, \d+ passed, 42 skipped/);
  expect(stdout).toMatch(/^# fail 0$/m);
});
