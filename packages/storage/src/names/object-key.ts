import { FieldFileError, isFieldFileError } from '../errors/field-file-error.ts';

/**
 * A checked object key: relative, `/`-separated, no dot segments, within the backend's limits.
 * Only {@link objectKey} makes one, so a raw name never reaches a provider's SDK.
 */
export type ObjectKey = string & { readonly '~brand': 'ObjectKey' };

/** What names a storage can hold. */
export interface KeyLimits {
  /** Longest key, in UTF-8 bytes. */
  readonly maxKeyBytes: number;
  /** Longest segment between two `/`, in UTF-8 bytes (local disk: 255). */
  readonly maxSegmentBytes?: number;
  readonly refusesBackslash?: boolean;
  /** First segments of a key that the backend keeps for itself. */
  readonly reservedSegments?: readonly string[];
}

/**
 * Checks a name against what every storage refuses and against one backend's limits.
 *
 * This is the choke point: whatever a caller, a callback or a backend calls a name passes here before I/O.
 *
 * @throws `suspicious-name` for an absolute name, `.`/`..`/empty segments, a drive, NUL or control characters,
 * a lone surrogate, a reserved segment, or a backslash where the backend would read it as `/`;
 * `name-too-long` beyond the limits.
 */
export function objectKey(name: string, limits: KeyLimits, operation: string, storage: string): ObjectKey {
  const refuse = (code: 'suspicious-name' | 'name-too-long', why: string): never => {
    throw new FieldFileError(code, `${JSON.stringify(name)} is no object name: ${why} (${operation}).`, {
      operation,
      storage,
      name,
    });
  };
  if (name === '') refuse('suspicious-name', 'it is empty');
  if (name.startsWith('/')) refuse('suspicious-name', 'it is absolute; give it relative to the storage');
  if (/^[A-Za-z]:/.test(name)) refuse('suspicious-name', 'it begins with a drive letter');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (/[\u0000-\u001f\u007f]/.test(name)) refuse('suspicious-name', 'it has control characters');
  if (!name.isWellFormed()) refuse('suspicious-name', 'it has half a surrogate pair');
  if (limits.refusesBackslash && name.includes('\\'))
    refuse('suspicious-name', 'this storage reads a backslash as "/"');
  const segments = name.split('/');
  for (const segment of segments) {
    if (segment === '') refuse('suspicious-name', 'it has an empty segment');
    if (segment === '.' || segment === '..') refuse('suspicious-name', 'it has a dot segment');
    // A dot segment on a system that reads backslashes as separators.
    if (/(^|\\)\.\.?(\\|$)/.test(segment)) refuse('suspicious-name', 'it has a dot segment');
  }
  if (limits.reservedSegments?.includes(segments[0] as string))
    refuse('suspicious-name', `"${segments[0]}" is kept for the storage itself`);
  const tooLong = (text: string, limit: number): boolean =>
    text.length > limit || (text.length * 3 > limit && utf8Length(text) > limit);
  if (tooLong(name, limits.maxKeyBytes)) refuse('name-too-long', `at most ${limits.maxKeyBytes} bytes fit`);
  const maxSegment = limits.maxSegmentBytes;
  if (maxSegment !== undefined && segments.some(segment => tooLong(segment, maxSegment)))
    refuse('name-too-long', `at most ${maxSegment} bytes fit between two "/"`);
  return name as ObjectKey;
}

const UNLIMITED: KeyLimits = { maxKeyBytes: Number.POSITIVE_INFINITY };

/** Nothing that {@link objectKey} could refuse but for its limits: nearly every name, found by two expressions. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const PLAIN = /^(?!\/)(?:(?!\/(?:\/|$))[^\u0000-\u001f\u007f\\:\ud800-\udfff])+$/;
const DOT_SEGMENT = /(?:^|\/)\.\.?(?:\/|$)/;

/**
 * Whether what a service lists is a name here, of an object or (less its slash) of a folder. Others may have made what is
 * none, such as `folder/`, which nothing could be done with.
 */
export function isObjectKey(name: string): name is ObjectKey {
  if (PLAIN.test(name) && !DOT_SEGMENT.test(name)) return true;
  try {
    objectKey(name, UNLIMITED, 'list', '');
    return true;
  } catch (error) {
    if (isFieldFileError(error)) return false;
    throw error;
  }
}

/** Length in UTF-8 bytes. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
