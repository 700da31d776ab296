import { codePoints, cutText } from './cut-text.ts';
import { unescapeHtml } from './unescape-html.ts';

/** In code points. */
const MAX_LENGTH = 255;
/** Deeper escaping is an attack, not a name. */
const MAX_UNESCAPES = 8;
/** The complement of Python's `str.isprintable`: controls, direction overrides, joiners, spaces other than U+0020. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/**
 * The file name that a client sent, made harmless but still as the user knows it: without folders, drive,
 * HTML escapes, control or direction characters, and at most 255 characters long with its extension kept.
 * `getValidName` makes a storage name of it.
 *
 * Both of Django's steps, the multipart parser's and `UploadedFile`'s, whatever the server's operating system.
 *
 * @returns undefined when nothing is left: a form field without a file, or an attack.
 *
 * @example
 * ```ts
 * import { cleanUploadName } from '@fieldfile/storage/names';
 *
 * cleanUploadName('C:\\Users\\me\\Grüße 2026.pdf'); // 'Grüße 2026.pdf'
 * cleanUploadName('..&#x2F;..&sol;hax0rd.txt'); // 'hax0rd.txt'
 * ```
 */
export function cleanUploadName(name: string): string | undefined {
  const unescaped = unescapeFully(name);
  const lastSegment = unescaped.slice(Math.max(unescaped.lastIndexOf('/'), unescaped.lastIndexOf('\\')) + 1);
  const fileName = cut(lastSegment.replace(/^(?:[A-Za-z]:)+/, ''));
  return /^\.*$/.test(fileName) ? undefined : fileName;
}

/** Until nothing changes: Django unescapes once, and whoever unescapes its result finds a separator again. */
function unescapeFully(name: string): string {
  let text = name.replace(UNPRINTABLE, '');
  for (let times = 0; times < MAX_UNESCAPES; times++) {
    const unescaped = unescapeHtml(text).replace(UNPRINTABLE, '');
    if (unescaped === text) return text;
    text = unescaped;
  }
  return text.replaceAll('&', '');
}

/** Keeps the last suffix only, as Django does here: an upload's root is worth more than the `.tar` of `.tar.gz`. */
function cut(fileName: string): string {
  if (codePoints(fileName) <= MAX_LENGTH) return fileName;
  const dot = fileName.lastIndexOf('.');
  const end = /^\.*$/.test(fileName.slice(0, Math.max(0, dot))) ? fileName.length : dot;
  const extension = cutText(fileName.slice(end), MAX_LENGTH);
  return cutText(fileName.slice(0, end), MAX_LENGTH - codePoints(extension)) + extension;
}
