import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { image } from '../images.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { diskOf } from './world.ts';

const FLAGS = ['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning'];

async function started(
  folder: string,
  digest: string,
  fate: string,
): Promise<ChildProcessWithoutNullStreams> {
  const program = fileURLToPath(new URL('./asker.ts', import.meta.url));
  const child = spawn(process.execPath, [...FLAGS, program, folder, digest, fate]);
  child.stderr.pipe(process.stderr);
  await once(child.stdout, 'data'); // ready
  return child;
}

/** Asks in four processes, 50 times in each. @returns what they read, and who built. */
async function asked(
  fates: readonly string[],
): Promise<{ readonly read: string[]; readonly builds: string[] }> {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, 'work'));
  const bytes = await image('png', { width: 60, height: 60 });
  await diskOf(folder.path).save('first.png', bytes);
  const digest = `sha256-${createHash('sha256').update(bytes).digest('base64')}`;
  const children = await Promise.all(fates.map(fate => started(folder.path, digest, fate)));
  const answers = children.map(async child => {
    let text = '';
    child.stdout.on('data', chunk => {
      text += chunk;
    });
    const [, signal] = await once(child, 'close');
    return signal ?? text.trim();
  });
  const [first, ...others] = children;
  first?.stdin.write('go\n');
  // One that is to die in the middle of its build must have begun it.
  if (fates[0] === 'dies') await answers[0];
  for (const child of others) child.stdin.write('go\n');
  const read = await Promise.all(answers);
  const locks: string[] = [];
  for await (const { name } of diskOf(folder.path).list()) if (name.endsWith('.lock')) locks.push(name);
  expect(locks).toEqual([]);
  return { read, builds: readFileSync(join(folder.path, 'builds'), 'utf8').trim().split('\n') };
}

test('50 who ask at once in each of four processes get one build', async () => {
  const { read, builds } = await asked(['lives', 'lives', 'lives', 'lives']);
  expect(read).toEqual(['all', 'all', 'all', 'all']);
  expect(builds).toEqual(['lives']);
});

test('when the builder is killed, one of the others builds once', async () => {
  const { read, builds } = await asked(['dies', 'lives', 'lives', 'lives']);
  expect(read).toEqual(['SIGKILL', 'all', 'all', 'all']);
  expect(builds).toEqual(['dies', 'lives']);
});
