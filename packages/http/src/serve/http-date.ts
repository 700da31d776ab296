const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const LONG_DAY = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day';
const MONTH = `(?<month>${MONTHS.join('|')})`;
const TIME = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)';

const FORMS = [
  new RegExp(`^${DAY}, (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(`^${LONG_DAY}, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${TIME} GMT$`),
  new RegExp(`^${DAY} ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`),
];

/**
 * Seconds since 1970 of an HTTP date in any of its three forms. Undefined for anything else: `Date.parse` would take `1`
 * for a date, and a header that is no date has to be ignored.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 */
export function parseHttpDate(text: string, now: Date): number | undefined {
  for (const form of FORMS) {
    const parts = form.exec(text)?.groups;
    if (parts) return secondsOf(parts, now);
  }
  return undefined;
}

function secondsOf(parts: Readonly<Record<string, string>>, now: Date): number | undefined {
  const { day, month = '', year = '', hour, minute, second } = parts;
  const [dayNumber, monthNumber] = [Number(day), MONTHS.indexOf(month)];
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)];
  if (hours > 23 || minutes > 59 || seconds > 60) return undefined;
  const at = Date.UTC(fullYear(year, now), monthNumber, dayNumber, hours, minutes, Math.min(seconds, 59));
  // The 31st of February is the 3rd of March to `Date`.
  return new Date(at).getUTCDate() === dayNumber ? at / 1000 : undefined;
}

/** A year of two digits that seems more than 50 years ahead is the last one that ended in them. */
function fullYear(year: string, now: Date): number {
  if (year.length === 4) return Number(year);
  const thisYear = now.getUTCFullYear();
  const guess = thisYear - (thisYear % 100) + Number(year);
  return guess > thisYear + 50 ? guess - 100 : guess;
}

/** Seconds since 1970, as a date's text can say them. */
export const wholeSeconds = (date: Date): number => Math.floor(date.getTime() / 1000);
