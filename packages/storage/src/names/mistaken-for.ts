/** What Apple's file systems leave out of a name. */
const IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** What Windows leaves out at the end of a name. */
const LAST_DOTS = /[. ]+$/;

const ASCII = /^[\u0020-\u007e]*$/;

/**
 * Whether some system takes a segment of a path for another, here ASCII, name: in other case, with dots or spaces at its
 * end, as one of its NTFS streams (`.fieldfile::$INDEX_ALLOCATION`), by its short name (`FIELDF~1`), or with characters
 * that Unicode or Apple take for the same.
 *
 * Asked on every system: a folder may be moved, or served to another one.
 */
export function isMistakenFor(segment: string, name: string): boolean {
  if (segment === name) return true;
  if (isOther(segment, name)) return false;
  const plain = ASCII.test(segment) ? segment : segment.replace(IGNORED, '').normalize('NFKC');
  const text = (plain.split(':', 1)[0] ?? '').replace(LAST_DOTS, '').toUpperCase();
  const wanted = name.toUpperCase();
  if (text === wanted) return true;
  const short = wanted.replace(/^[. ]+/, '');
  const tilde = text.indexOf('~');
  if (tilde < 0 || !/^\d+$/.test(text.slice(tilde + 1))) return false;
  const stem = text.slice(0, tilde);
  // The fifth of its kind has two of its letters and a checksum.
  return (stem !== '' && stem === short.slice(0, Math.min(6, tilde))) || isHashed(stem, short);
}

/** The quick answer for nearly every segment: one in ASCII that begins otherwise is taken for a name only as its short name. */
const isOther = (segment: string, name: string): boolean =>
  !sharesFirstLetter(segment, name) && !segment.includes('~') && ASCII.test(segment);

/** Whether both begin with one character, whatever its case. */
export const sharesFirstLetter = (one: string, other: string): boolean => lowerCode(one) === lowerCode(other);

/** The first character; of an ASCII letter, the small one. */
const lowerCode = (text: string): number => text.charCodeAt(0) | 0x20;

const isHashed = (stem: string, short: string): boolean =>
  stem.length === 6 && stem.startsWith(short.slice(0, 2)) && /^[\dA-F]{4}$/.test(stem.slice(2));
