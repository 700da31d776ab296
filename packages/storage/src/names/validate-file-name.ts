import { splitPath } from './posix-path.ts';
import { requireFileName, shown, suspiciousName, traversalAttempt } from './suspicious-name.ts';

/** Options of {@link validateFileName}. */
export interface ValidateFileNameOptions {
  /** Folders are allowed, as long as the path stays below where it starts. Default: false. */
  readonly allowRelativePath?: boolean;
}

const DRIVE = /^[A-Za-z]:/;
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;
const BIDI_CONTROL = /[\u202a-\u202e\u2066-\u2069]/;

/**
 * Checks a name and returns it unchanged.
 *
 * Refuses what Django refuses, and what it lets pass: drive letters, control characters, half surrogate pairs,
 * direction overrides (`\u202Egnp.exe` shows as `exe.png`) and segments of dots alone.
 *
 * @throws `suspicious-name`, in Django's words where it has them.
 *
 * @example
 * ```ts
 * import { validateFileName } from '@fieldfile/storage/names';
 *
 * validateFileName('avatars/2026/a.png', { allowRelativePath: true });
 * ```
 */
export function validateFileName(name: string, options: ValidateFileNameOptions = {}): string {
  if (options.allowRelativePath) requireRelativePath(name);
  else requireSingleName(name);
  if (UNPRINTABLE.test(name))
    throw suspiciousName(
      `File name ${shown(name)} has control characters or half a surrogate pair`,
      name,
      'Remove them; getValidName does.',
    );
  if (BIDI_CONTROL.test(name))
    throw suspiciousName(
      `File name ${shown(name)} changes the direction of its text`,
      name,
      'Remove U+202A–202E and U+2066–2069; getValidName does.',
    );
  return name;
}

/**
 * The half of the check that cleaning a name cannot make good.
 *
 * @throws `suspicious-name` unless the path stays below where it starts and names a file.
 */
export function requireRelativePath(name: string): void {
  requireFileName(splitPath(name).fileName, name);
  const path = name.replaceAll('\\', '/');
  const leaves = path.split('/').some(segment => /^\.{2,}$/.test(segment));
  if (leaves || path.startsWith('/') || DRIVE.test(path)) throw traversalAttempt(name);
}

function requireSingleName(name: string): void {
  const { fileName } = splitPath(name);
  requireFileName(fileName, name);
  if (fileName !== name || DRIVE.test(name))
    throw suspiciousName(
      `File name ${shown(name)} includes path elements`,
      name,
      'Give the last segment only, or allow a relative path.',
    );
}
