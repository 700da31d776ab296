import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from '@fieldfile/test-servers/load';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildNext, EXAMPLES, install, NEXT, runExample, SOURCE } from './run-example.ts';
import { saveFiles, servesFiles } from './serves-files.ts';
import { takesUploads } from './takes-uploads.ts';

/** Those whose libraries are installed on demand take minutes. */
const HEAVY = load({ test: 0, ci: 1, deep: 1 }) === 1;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fieldfile-examples-'));
  await saveFiles(folder);
});
afterEach(() => rm(folder, { recursive: true }));

const LIGHT = ['node-http', 'express', 'fastify', 'hono'];

describe('files are served through', () => {
  test.each(LIGHT)('%s', async name => {
    await using server = await runExample(folder, SOURCE, join(EXAMPLES, `${name}.js`));
    await servesFiles(server);
  });
});

describe('uploads are taken through', () => {
  test.each(LIGHT)('%s', async name => {
    await using server = await runExample(folder, SOURCE, join(EXAMPLES, `uploads/${name}.js`));
    await takesUploads(server);
  });
});

describe.runIf(HEAVY)('files are served and uploads are taken through', () => {
  test('nest', async () => {
    await install('nest');
    {
      await using server = await runExample(folder, SOURCE, join(EXAMPLES, 'nest/main.js'));
      await servesFiles(server);
    }
    await using server = await runExample(folder, SOURCE, join(EXAMPLES, 'nest/uploads.js'));
    await takesUploads(server);
  });

  test('next', async () => {
    await buildNext();
    await using server = await runExample(folder, NEXT, 'start', join(EXAMPLES, 'next'));
    await servesFiles(server, {});
    await takesUploads(server);
  });
});

test('the README has the examples as they are run', async () => {
  const readme = await readFile(join(EXAMPLES, '../README.md'), 'utf8');
  const light = LIGHT.flatMap(name => [name, `uploads/${name}`]);
  const heavy = ['nest/main', 'nest/uploads', 'next/app/files/[...name]/route', 'next/app/uploads/route'];
  for (const name of ['files', 'uploads/uploads', ...light, ...heavy])
    expect(readme).toContain(`\`\`\`js\n${await readFile(join(EXAMPLES, `${name}.js`), 'utf8')}\`\`\``);
});
