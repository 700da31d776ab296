import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { canGivePaths, FieldFileError, type ObjectVersion, type Storage } from '@fieldfile/storage';

/**
 * The path of an object's bytes: its own where it is a file of this machine, else of a copy in that folder.
 *
 * @throws `too-large` before it is copied; `precondition` where it has another version.
 */
export async function localImage(
  { storage, name }: { readonly storage: Storage; readonly name: string },
  version: ObjectVersion,
  folder: string,
  maxBytes: number,
): Promise<string> {
  if (canGivePaths(storage)) return storage.path(name);
  const opened = await storage.open(name, { ifMatch: version });
  try {
    if (opened.info.sizeBytes > maxBytes)
      throw new FieldFileError(
        'too-large',
        `The image has ${opened.info.sizeBytes} bytes, and at most ${maxBytes} are read.`,
        {
          operation: 'build',
          storage: storage.id,
          name,
        },
      );
    const path = join(folder, 'original');
    await pipeline(Readable.fromWeb(opened.stream as never), createWriteStream(path));
    return path;
  } finally {
    await opened[Symbol.asyncDispose]();
  }
}
