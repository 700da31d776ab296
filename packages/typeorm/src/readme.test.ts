import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempDisposableSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

// Node 22 does not strip the types of what it is given to evaluate.
const stripsTypes = Number.parseInt(process.versions.node, 10) >= 24;

test.skipIf(!stripsTypes)("the README's first example runs", async () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const [, example = ''] = /```ts\n(.*?)```/s.exec(readme) ?? [];
  // Within the package, so that imports resolve as in an application.
  const modules = join(import.meta.dirname, '../node_modules');
  mkdirSync(modules, { recursive: true });
  using folder = mkdtempDisposableSync(join(modules, '.example-'));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@fieldfile/source', '--input-type=module-typescript', '--eval', example],
    { cwd: folder.path, env: { PATH: process.env.PATH } },
  );
  expect(stdout).toBe('avatars/new.png another\n');
});
