import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The key of a folder, which is made when it is first asked for. An application has it among its secrets. */
export async function signingKeyIn(folder: string): Promise<Uint8Array> {
  const path = join(folder, 'signing-key');
  await writeFile(path, randomBytes(32), { flag: 'wx', mode: 0o600 }).catch(error => {
    if (error.code !== 'EEXIST') throw error;
  });
  return readFile(path);
}
