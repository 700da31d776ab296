import { join } from 'node:path';
import { runFirstExample, runsTypeScript } from '@fieldfile/test-servers/examples';
import { expect, test } from 'vitest';

test.skipIf(!runsTypeScript)("the README's first example runs", async () => {
  expect(await runFirstExample(join(import.meta.dirname, '..'))).toBe('avatars/new.png another\n');
});
