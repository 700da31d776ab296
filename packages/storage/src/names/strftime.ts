import { FieldFileError } from '../errors/field-file-error.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/** An optional `-` (no padding) and the C standard's `E` and `O`, which change nothing in the C locale. */
const DIRECTIVE = /%(-?)[EO]?(\w|%|)/g;

/**
 * Formats a time as C's `strftime` in the C locale and the machine's time zone, with Python's `%f` (microseconds)
 * and glibc's `%-d` (no padding): `avatars/%Y/%m` → `avatars/2026/03`.
 *
 * @throws `invalid-argument` for a directive that does not exist; `%%` is a percent sign.
 * @see https://docs.python.org/3/library/datetime.html#format-codes
 */
export function strftime(format: string, time: Date): string {
  if (Number.isNaN(time.getTime()))
    throw new FieldFileError(
      'invalid-argument',
      `The time for "${format}" is not a valid date. Give a valid Date.`,
    );
  return format.replace(DIRECTIVE, (written: string, unpadded: string, letter: string) => {
    const directive = DIRECTIVES.get(letter);
    if (directive === undefined)
      throw new FieldFileError(
        'invalid-argument',
        `"${written}" in "${format}" is no strftime directive. Write %% for a percent sign.`,
        { name: format },
      );
    const text = directive(time);
    return unpadded === '' ? text : text.replace(/^[0 ]+(?=\d)/, '');
  });
}

const DIRECTIVES: ReadonlyMap<string, (time: Date) => string> = new Map<string, (time: Date) => string>([
  ['a', time => weekday(time).slice(0, 3)],
  ['A', time => weekday(time)],
  ['b', time => month(time).slice(0, 3)],
  ['B', time => month(time)],
  ['c', time => strftime('%a %b %e %H:%M:%S %Y', time)],
  ['C', time => pad(Math.floor(time.getFullYear() / 100), 2)],
  ['d', time => pad(time.getDate(), 2)],
  ['D', time => strftime('%m/%d/%y', time)],
  ['e', time => pad(time.getDate(), 2, ' ')],
  ['f', time => pad(time.getMilliseconds() * 1000, 6)],
  ['F', time => strftime('%Y-%m-%d', time)],
  ['g', time => pad(isoWeek(time).year % 100, 2)],
  ['G', time => String(isoWeek(time).year)],
  ['h', time => month(time).slice(0, 3)],
  ['H', time => pad(time.getHours(), 2)],
  ['I', time => pad(hour12(time), 2)],
  ['j', time => pad(dayOfYear(time) + 1, 3)],
  ['k', time => pad(time.getHours(), 2, ' ')],
  ['l', time => pad(hour12(time), 2, ' ')],
  ['m', time => pad(time.getMonth() + 1, 2)],
  ['M', time => pad(time.getMinutes(), 2)],
  ['n', () => '\n'],
  ['p', time => (time.getHours() < 12 ? 'AM' : 'PM')],
  ['P', time => (time.getHours() < 12 ? 'am' : 'pm')],
  ['r', time => strftime('%I:%M:%S %p', time)],
  ['R', time => strftime('%H:%M', time)],
  ['s', time => String(Math.floor(time.getTime() / 1000))],
  ['S', time => pad(time.getSeconds(), 2)],
  ['t', () => '\t'],
  ['T', time => strftime('%H:%M:%S', time)],
  ['u', time => String(time.getDay() || 7)],
  ['U', time => pad(weekOfYear(time, time.getDay()), 2)],
  ['V', time => pad(isoWeek(time).week, 2)],
  ['w', time => String(time.getDay())],
  ['W', time => pad(weekOfYear(time, daysSinceMonday(time)), 2)],
  ['x', time => strftime('%m/%d/%y', time)],
  ['X', time => strftime('%H:%M:%S', time)],
  ['y', time => pad(time.getFullYear() % 100, 2)],
  ['Y', time => String(time.getFullYear())],
  ['z', time => utcOffset(time)],
  ['Z', time => timeZoneName(time)],
  ['%', () => '%'],
]);

const pad = (value: number, width: number, fill: '0' | ' ' = '0'): string =>
  String(value).padStart(width, fill);

const weekday = (time: Date): string => DAYS[time.getDay()] ?? '';
const month = (time: Date): string => MONTHS[time.getMonth()] ?? '';
const hour12 = (time: Date): number => time.getHours() % 12 || 12;
const daysSinceMonday = (time: Date): number => (time.getDay() + 6) % 7;

/** Days since 1 January. By UTC midnights of local dates: local days may have 23 or 25 hours. */
function dayOfYear(time: Date): number {
  const year = time.getFullYear();
  return (Date.UTC(year, time.getMonth(), time.getDate()) - Date.UTC(year, 0, 1)) / 86_400_000;
}

const weekOfYear = (time: Date, daysIntoWeek: number): number =>
  Math.floor((dayOfYear(time) + 7 - daysIntoWeek) / 7);

/** ISO 8601: a week belongs to the year that its Thursday is in. */
function isoWeek(time: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(time.getFullYear(), time.getMonth(), time.getDate() - daysSinceMonday(time) + 3);
  return { year: thursday.getFullYear(), week: Math.floor(dayOfYear(thursday) / 7) + 1 };
}

function utcOffset(time: Date): string {
  const minutes = -time.getTimezoneOffset();
  const absolute = Math.abs(minutes);
  return (minutes < 0 ? '-' : '+') + pad(Math.floor(absolute / 60), 2) + pad(absolute % 60, 2);
}

function timeZoneName(time: Date): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(time);
  return parts.find(part => part.type === 'timeZoneName')?.value ?? '';
}
