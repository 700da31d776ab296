import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { postgresContract } from '@fieldfile/test-servers/databases';
import { expect, test } from 'vitest';

// Node 22 does not strip the types of what it is given to evaluate.
const stripsTypes = Number.parseInt(process.versions.node, 10) >= 24;

test.skipIf(!stripsTypes)("the README's first example runs", async () => {
  await using postgres = await postgresContract();
  const { url } = await postgres.open();
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const [, example = ''] = /```typescript\n(.*?)```/s.exec(readme) ?? [];
  // The client that is checked in has another model.
  const program = example
    .replaceAll('user', 'document')
    .replace('./generated/client.ts', './client/client.js');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@fieldfile/source', '--input-type=module-typescript', '--eval', program],
    { cwd: join(import.meta.dirname, '../test'), env: { PATH: process.env.PATH, DATABASE_URL: url } },
  );
  expect(stdout).toBe('avatars/new.png another\n');
});
