import fs from 'node:fs';
import type { Directory } from './directory.ts';
import { isDiskError } from './disk-error.ts';

const { O_RDONLY } = fs.constants;

/** The beginning of a file that this package wrote; undefined when there is none. */
export async function readSmall(
  directory: Directory,
  name: string,
  maxBytes: number = 256,
): Promise<Buffer | undefined> {
  try {
    const file = await directory.open(name, O_RDONLY);
    try {
      const bytes = Buffer.alloc(maxBytes);
      return bytes.subarray(0, await file.read(bytes, 0));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ELOOP')) return undefined;
    throw error;
  }
}
