import { FieldFileError } from '../errors/field-file-error.ts';

const TRAVERSAL_FIX = 'Give a path relative to the storage, without "..".';

/** A refusal in Django's words, with what to do about it. */
export function suspiciousName(problem: string, name: string, fix: string): FieldFileError {
  return new FieldFileError('suspicious-name', `${problem}. ${fix}`, { name });
}

/** An absolute path, or one that would leave its folder. */
export function traversalAttempt(path: string, name: string = path): FieldFileError {
  return suspiciousName(`Detected path traversal attempt in ${shown(path)}`, name, TRAVERSAL_FIX);
}

/**
 * Refuses a last segment that names nothing: empty, or dots alone. (Django lets `...` pass, which Windows reads as
 * the folder itself.)
 */
export function requireFileName(fileName: string, given: string): void {
  if (/^\.*$/.test(fileName))
    throw suspiciousName(
      `Could not derive file name from ${shown(given)}`,
      given,
      'Give it a name with at least one letter or digit.',
    );
}

/** Control and direction characters: a refused name must not forge log lines. */
const UNSHOWABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** A name in quotes, with what a terminal would act upon written as `\u000a`. */
export function shown(name: string): string {
  const text = name.replace(
    UNSHOWABLE,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `'${text}'`;
}
