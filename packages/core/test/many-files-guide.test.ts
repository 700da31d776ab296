import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, runsTypeScript } from '@fieldfile/test-servers/examples';
import { expect, test } from 'vitest';

const packageFolder = join(import.meta.dirname, '..');
const guide = readFileSync(join(packageFolder, '../../docs/many-files-per-row.md'), 'utf8');
const [kysely = '', mikroOrm = ''] = Array.from(guide.matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code);

test.skipIf(!runsTypeScript).each([
  ['Kysely', kysely, ['c', 'a', 'b'], 3],
  ['MikroORM', mikroOrm, ['c', 'a'], 0],
])('many files per row with %s: in order, copied, and none left', async (_, program, order, left) => {
  const images = order.map(name => `'photos/${name}.png'`).join(', ');
  expect(await runProgram(program, packageFolder)).toBe(`[ ${images} ]\n${left}\n`);
});
