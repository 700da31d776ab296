import { readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';

/** Systems stop at 40. */
const MAX_LINKS = 40;

/**
 * The folder that a path leads to, also while it or folders on the way are not made yet. Where that cannot be found out,
 * the path as it is: reading and writing fail there, too.
 */
export function realPath(path: string, links: number = MAX_LINKS): string {
  try {
    return realpathSync.native(path);
  } catch {
    const parent = dirname(path);
    if (parent === path || links === 0) return path;
    const realParent = realPath(parent, links);
    const target = linkTarget(join(realParent, basename(path)));
    return target === undefined
      ? join(realParent, basename(path))
      : realPath(resolve(realParent, target), links - 1);
  }
}

/** Where a link leads; undefined for what is none. */
function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** The folders of an absolute path, the drive included where there is one. */
export const segmentsOf = (path: string): readonly string[] =>
  path.split(sep).filter(segment => segment !== '');
