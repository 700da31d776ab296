import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const MEBIBYTE = 1024 ** 2;

/** Writes a file of which no part is like another. @returns its SHA-256. */
export async function writeRandomFile(path: string, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  const content = function* (): Generator<Buffer> {
    for (let written = 0; written < bytes; written += MEBIBYTE) {
      const chunk = randomBytes(Math.min(MEBIBYTE, bytes - written));
      hash.update(chunk);
      yield chunk;
    }
  };
  await pipeline(Readable.from(content()), createWriteStream(path));
  return hash.digest('hex');
}
