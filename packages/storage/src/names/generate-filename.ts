import { getValidName } from './get-valid-name.ts';
import { joinPath, normalizePath, splitPath } from './posix-path.ts';
import { traversalAttempt } from './suspicious-name.ts';

/**
 * Cleans a path as Django's `Storage.generate_filename`: `\` to `/`, the last segment through `validName`, `./` and
 * `//` collapsed. Folders keep their characters. An absolute path passes here and is refused by whoever uses it.
 *
 * @throws `suspicious-name` for `..` among the folders, or a last segment that names nothing.
 */
export function generateFilename(name: string, validName: (name: string) => string = getValidName): string {
  const { folder, fileName } = splitPath(name.replaceAll('\\', '/'));
  if (folder.split('/').includes('..')) throw traversalAttempt(folder, name);
  return normalizePath(joinPath(folder, validName(fileName)));
}
