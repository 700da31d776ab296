import { isServerFile } from './server-file.ts';
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
 * Beyond Django, the result is never hidden (`🎉.txt` → `file.txt`, not `.txt`), never a file that servers read as
 * settings (`.htaccess` → `_.htaccess`, `Web.config` → `_Web.config`), never reads as an option (`-rf` → `_-rf`), never
 * names a Windows device (`CON.txt` → `_CON.txt`), and has no dots at its end, which Windows leaves out (`a.php.` →
 * `a.php`).
 *
 * @throws `suspicious-name` when nothing, or dots alone, would be left.
 * @see https://docs.djangoproject.com/en/stable/ref/utils/ (`get_valid_filename`)
 */
export function getValidName(name: string): string {
  const trimmed = strip(name);
  const cleaned = withoutLastDots(trimmed.replaceAll(' ', '_').replace(DROPPED, ''));
  requireFileName(cleaned, name);
  if (cleaned.startsWith('.') && !trimmed.startsWith('.')) return `file${cleaned}`;
  const isSpecial = cleaned.startsWith('-') || isWindowsDevice(cleaned) || isServerFile(cleaned);
  return isSpecial ? `_${cleaned}` : cleaned;
}

function withoutLastDots(text: string): string {
  let end = text.length;
  while (text[end - 1] === '.') end--;
  return text.slice(0, end);
}

/** Two indices rather than a regular expression: `\s+$` is quadratic in a client's spaces. */
function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && PYTHON_SPACE.test(text.charAt(start))) start++;
  while (end > start && PYTHON_SPACE.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}
