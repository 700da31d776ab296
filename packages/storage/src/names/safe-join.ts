import { FieldFileError } from '../errors/field-file-error.ts';
import { shown, suspiciousName } from './suspicious-name.ts';
import { isWindowsDevice } from './windows-device.ts';

/** Whose paths: `/`, or `\` and `/` with drives and UNC shares, compared without regard to case. */
export type PathStyle = 'posix' | 'win32';

/**
 * Joins a name to an absolute folder and makes sure that the result is that folder or below it. Nothing is read:
 * symbolic links are the file system's matter. An absolute `name` is accepted where it lies inside, as in Django.
 *
 * @throws `suspicious-name` when the path leads outside, has a NUL, or on Windows names a device, a drive's current
 * folder (`C:a`), a stream (`a:b`) or a segment of dots and spaces; `invalid-argument` when `base` is not absolute.
 */
export function safeJoin(base: string, name: string, style: PathStyle): string {
  const { parse, format, fold } = style === 'posix' ? posix : win32;
  const folder = parse(base);
  if (folder.root === '')
    throw new FieldFileError(
      'invalid-argument',
      `${shown(base)} is not an absolute path. Give one as base.`,
      {
        name: base,
      },
    );
  if (name.includes('\0'))
    throw suspiciousName(
      `The path ${shown(name)} has a NUL character`,
      name,
      'Remove it; getValidName does.',
    );
  const given = parse(name);
  const path =
    given.root === '' ? { root: folder.root, segments: [...folder.segments, ...given.segments] } : given;
  if (style === 'win32') refuseWindowsNames(given.segments, name);
  const top = { root: folder.root, segments: resolved(folder.segments) };
  const joined = { root: path.root, segments: resolved(path.segments) };
  const inside =
    fold(joined.root) === fold(top.root) &&
    top.segments.every((segment, index) => fold(segment) === fold(joined.segments[index] ?? ''));
  if (!inside)
    throw suspiciousName(
      `The joined path (${unquoted(format(joined))}) is located outside of the base path component (${format(top)})`,
      name,
      'Give a path relative to the storage, without "..".',
    );
  return format(joined);
}

interface ParsedPath {
  /** `''` when relative; else `/`, `C:\` or `\\server\share\`. */
  readonly root: string;
  readonly segments: readonly string[];
}

interface Style {
  parse(path: string): ParsedPath;
  format(path: ParsedPath): string;
  /** The form in which two names are the same to the file system. */
  fold(text: string): string;
}

const posix: Style = {
  parse: path => ({ root: path.startsWith('/') ? '/' : '', segments: path.split('/') }),
  format: ({ root, segments }) => root + segments.join('/'),
  fold: text => text,
};

const win32: Style = {
  parse(path) {
    const text = path.replaceAll('/', '\\');
    const root = /^(?:[A-Za-z]:\\|\\\\[^\\]+\\[^\\]+(?:\\|$))/.exec(text)?.[0];
    if (root !== undefined)
      return {
        root: root.endsWith('\\') ? root : `${root}\\`,
        segments: text.slice(root.length).split('\\'),
      };
    // On the current drive, which a pure function cannot know: it equals no base's root.
    if (text.startsWith('\\')) return { root: '\\', segments: text.split('\\') };
    return { root: '', segments: text.split('\\') };
  },
  format: ({ root, segments }) => root + segments.join('\\'),
  fold: text => text.toLowerCase(),
};

function resolved(segments: readonly string[]): readonly string[] {
  const result: string[] = [];
  for (const segment of segments) {
    if (segment === '..') result.pop();
    else if (segment !== '' && segment !== '.') result.push(segment);
  }
  return result;
}

/** Windows strips dots and spaces off the end of a segment, so that `.. ` may mean `..`. */
function refuseWindowsNames(segments: readonly string[], name: string): void {
  for (const segment of segments) {
    const blank = /^[. ]+$/.test(segment) && segment !== '.' && segment !== '..';
    if (blank || segment.includes(':') || isWindowsDevice(segment))
      throw suspiciousName(
        `The path ${shown(name)} is no file name on Windows, because of ${shown(segment)}`,
        name,
        'Rename it; getValidName does.',
      );
  }
}

const unquoted = (path: string): string => shown(path).slice(1, -1);
