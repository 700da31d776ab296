import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { load } from '@fieldfile/test-servers/load';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { oddImages } from '../hostile-images.ts';
import { image, MADE_FORMATS } from '../images.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const ROUNDS = load({ test: 1, ci: 2, deep: 20 });
const MOST_BYTES = 256 * 1024 * 1024;

const folder = temporaryFolder();
const images = join(folder.path, 'images');
afterAll(() => folder.remove());

/** The odd images, and one of each format cut off after every tenth. */
beforeAll(async () => {
  mkdirSync(images);
  for (const [index, { bytes }] of (await oddImages()).entries())
    writeFileSync(join(images, String(index)), bytes);
  for (const format of MADE_FORMATS) {
    const whole = await image(format, { width: 640, height: 480 });
    for (let tenth = 1; tenth < 10; tenth++)
      writeFileSync(join(images, `${format}-${tenth}`), whole.subarray(0, (whole.length * tenth) / 10));
  }
});

test.each(['here', 'child'])('hostile images cost this process no more than 256 MiB: %s', async where => {
  const program = fileURLToPath(new URL('./decoder.ts', import.meta.url));
  const flags = ['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning'];
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...flags,
    program,
    images,
    where,
    String(ROUNDS),
  ]);
  const { mostBytes, made, refused } = JSON.parse(stdout) as Record<string, number>;
  expect(made).toBeGreaterThan(20 * ROUNDS);
  expect(refused).toBeGreaterThan(60 * ROUNDS);
  expect(mostBytes).toBeLessThanOrEqual(MOST_BYTES);
});
