import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LocalFile, localFile } from './content/local-file.ts';
import { describe } from './content/source-context.ts';
import { type ErrorCode, FieldFileError } from './errors/field-file-error.ts';
import { knownOptions } from './storage/known-options.ts';

export interface FromPathOptions {
  /**
   * The file is taken away once its bytes are stored, on every storage: for temporary files. One on the same disk renames
   * it. Default: false.
   */
  readonly consume?: boolean;
}

/**
 * A file of this machine as content, named on purpose: no other content option takes a path.
 * A storage on the same disk clones it, copies it in the kernel or (with `consume`) renames it.
 *
 * @param path as text, or a `file:` URL.
 * @throws `not-found` or `permission` when it cannot be read, or not be taken out of its folder with `consume`;
 * `invalid-argument` for what is no regular file.
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
export function fromPath(path: string | URL, options: FromPathOptions = {}): LocalFile {
  knownOptions(options, ['consume'], { what: 'fromPath', operation: 'fromPath' });
  const { consume = false } = options;
  const absolute = absolutePath(path);
  const stats = stat(absolute);
  if (!stats.isFile()) throw refused('invalid-argument', absolute, 'is no regular file');
  if (consume) requireWritable(absolute);
  return localFile({ path: absolute, name: basename(absolute), sizeBytes: stats.size, consume });
}

function absolutePath(path: unknown): string {
  if (typeof path === 'string' && path !== '') return resolve(path);
  if (!(path instanceof URL)) throw refused('invalid-argument', path, 'is no path: give text or a file: URL');
  try {
    return fileURLToPath(path);
  } catch (error) {
    throw refused('invalid-argument', path.href, 'is no URL of a file of this machine', error);
  }
}

function stat(path: string): Stats {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (missing) throw refused('not-found', path, 'does not exist', error);
    throw refused('permission', path, 'cannot be read', error);
  }
}

function requireWritable(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw refused('permission', path, 'cannot be taken out of its folder: leave out consume', error);
  }
}

function refused(code: ErrorCode, path: unknown, why: string, cause?: unknown): FieldFileError {
  const shown = typeof path === 'string' ? JSON.stringify(path) : describe(path);
  return new FieldFileError(code, `${shown} ${why} (fromPath).`, {
    operation: 'fromPath',
    ...(typeof path === 'string' ? { name: path } : {}),
    cause,
  });
}
