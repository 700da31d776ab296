import { utf8Length } from './object-name.ts';

/** Number of code points: what Python and databases count. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Continues what stands before it: a combining mark, a joiner with what it joins, a skin tone. */
const CONTINUES = /^[\p{M}\p{Emoji_Modifier}\u200d]$/u;

/**
 * The beginning of a text: at most so many code points and UTF-8 bytes. Never half a surrogate pair, and no letter
 * without its accents unless nothing else would be left.
 */
export function cutText(
  text: string,
  maxCodePoints: number,
  maxBytes: number = Number.POSITIVE_INFINITY,
): string {
  const characters = [...text];
  let end = 0;
  for (let bytes = 0; end < characters.length && end < maxCodePoints; end++) {
    bytes += utf8Length(characters[end] as string);
    if (bytes > maxBytes) break;
  }
  let whole = end;
  while (whole > 0 && continues(characters, whole)) whole--;
  return characters.slice(0, whole || end).join('');
}

function continues(characters: readonly string[], index: number): boolean {
  const next = characters[index];
  return next !== undefined && (CONTINUES.test(next) || characters[index - 1] === '\u200d');
}
