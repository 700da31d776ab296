import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { type LocalFile, localFile } from './content/local-file.ts';
import { FieldFileError } from './errors/field-file-error.ts';

export interface FromPathOptions {
  /** The storage may take the file away instead of copying it: for temporary files. Default: false. */
  readonly consume?: boolean;
}

/**
 * A file of this machine as content, named on purpose: no other content option takes a path.
 * A storage on the same disk clones it, copies it in the kernel or (with `consume`) renames it.
 *
 * @throws `not-found` or `permission` when it cannot be read, `invalid-argument` for what is no regular file.
 *
 * @example
 * ```ts
 * import type { Storage } from '@fieldfile/storage';
 * import { fromPath } from '@fieldfile/storage/node';
 *
 * export function keep(storage: Storage): Promise<string> {
 *   return storage.save('reports/july.pdf', fromPath('/tmp/report.pdf', { consume: true }));
 * }
 * ```
 */
export function fromPath(path: string, options: FromPathOptions = {}): LocalFile {
  const absolute = resolve(path);
  const stats = stat(absolute);
  if (!stats.isFile())
    throw new FieldFileError(
      'invalid-argument',
      `${JSON.stringify(absolute)} is no regular file (fromPath).`,
      {
        operation: 'fromPath',
        name: absolute,
      },
    );
  return localFile({
    path: absolute,
    name: basename(absolute),
    sizeBytes: stats.size,
    consume: options.consume ?? false,
  });
}

function stat(path: string): Stats {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new FieldFileError(
      missing ? 'not-found' : 'permission',
      `${JSON.stringify(path)} ${missing ? 'does not exist' : 'cannot be read'} (fromPath).`,
      { operation: 'fromPath', name: path, cause: error },
    );
  }
}
