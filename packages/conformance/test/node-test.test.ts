import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

// Node 22 strips types but does not know `await using`: there only what is built runs.
const runsFromSource = Number.parseInt(process.versions.node, 10) >= 24;

test.skipIf(!runsFromSource)(
  'the contract runs under node --test, and says how many behaviours ran',
  async () => {
    const example = new URL('node-test.example.ts', import.meta.url).pathname;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@fieldfile/source', '--test', '--test-reporter=tap', example],
      // Without what vitest set for its own workers.
      { env: { PATH: process.env.PATH } },
    );
    expect(stdout).toMatch(/memory: \d+ behaviours, \d+ passed, \d+ skipped/);
    expect(stdout).toMatch(/# SKIP the objects themselves are in memory/);
    expect(stdout).toMatch(/^# fail 0$/m);
  },
);
