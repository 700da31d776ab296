/** In code points: no file system in use takes more. */
const MAX_LENGTH = 255;

/**
 * What neither shows nor belongs into a name: controls, halves of characters, separators of lines, and what turns the
 * direction of writing, so that `exe.png` may be an `exe`. Joiners stay: Persian words and emoji are written with them.
 */
const INVISIBLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]|(?![\u200c\u200d])\p{Cf}/gu;

/** Under which name a browser saves a file: the last part of `name`, without what could deceive. Undefined: none is left. */
export function savedName(name: string): string | undefined {
  const fileName = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  const visible = fileName.replace(INVISIBLE, '').trim();
  // Windows drops dots and spaces at the end, and what was `a.txt.` is another name.
  const kept = cut(visible.replace(/(?<![. ])[. ]+$/, ''));
  return /^\.*$/.test(kept) ? undefined : kept;
}

/** Keeps the extension. */
function cut(name: string): string {
  const points = [...name];
  if (points.length <= MAX_LENGTH) return name;
  const dot = points.lastIndexOf('.');
  const extension = dot > 0 && points.length - dot <= 32 ? points.slice(dot) : [];
  return [...points.slice(0, MAX_LENGTH - extension.length), ...extension].join('');
}
