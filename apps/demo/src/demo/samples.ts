import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SAMPLES = fileURLToPath(new URL('../../samples', import.meta.url));

/**
 * What is kept where nothing else is named: small files of several types, and one of 1 MiB that is made now.
 *
 * @param folder to make it in.
 */
export function samplePaths(folder: string): readonly string[] {
  const made = join(folder, 'made');
  mkdirSync(made);
  writeFileSync(join(made, 'noise (1 MiB).bin'), randomBytes(1024 ** 2));
  return [made, SAMPLES];
}
