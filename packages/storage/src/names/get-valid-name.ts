import { requireFileName } from './suspicious-name.ts';
import { isWindowsDevice } from './windows-device.ts';

const DROPPED = /[^-\p{L}\p{N}_.]/gu;
/** What Python's `str.strip` removes; `trim` differs by U+001C–1F, U+0085 and U+FEFF. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is stripped
const PYTHON_SPACE = /[\p{White_Space}\u001c-\u001f]/u;

/**
 * Cleans one file name as Django does: ends trimmed, spaces to `_`, then letters, digits, `-`, `_` and `.` of any
 * script only. `"john's portrait.jpg"` → `"johns_portrait.jpg"`.
 *
 * Beyond Django, the result never is hidden because its root was dropped (`🎉.txt` → `file.txt`, not `.txt`), never
 * reads as an option (`-rf` → `_-rf`) and never names a Windows device (`CON.txt` → `_CON.txt`).
 *
 * @throws `suspicious-name` when nothing, or dots alone, would be left.
 * @see https://docs.djangoproject.com/en/stable/ref/utils/ (`get_valid_filename`)
 */
export function getValidName(name: string): string {
  const trimmed = strip(name);
  const cleaned = trimmed.replaceAll(' ', '_').replace(DROPPED, '');
  requireFileName(cleaned, name);
  if (cleaned.startsWith('.') && !trimmed.startsWith('.')) return `file${cleaned}`;
  return cleaned.startsWith('-') || isWindowsDevice(cleaned) ? `_${cleaned}` : cleaned;
}

/** Two indices rather than a regular expression: `\s+$` is quadratic in a client's spaces. */
function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && PYTHON_SPACE.test(text.charAt(start))) start++;
  while (end > start && PYTHON_SPACE.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}
