import { afterEach, expect, test } from 'vitest';
import { strftime } from './strftime.ts';

const ALL = [...'aAbBcCdDeFgGhHIjklmMnpPrRStTuUVwWxXyYf'].map(letter => `%${letter}`).join('|');

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

// What CPython 3.11 on glibc answers, C locale.
test.each([
  [
    new Date(2025, 0, 4, 3, 2, 1, 5),
    'Sat|Saturday|Jan|January|Sat Jan  4 03:02:01 2025|20|04|01/04/25| 4|2025-01-04|25|2025|Jan|03|03|004| 3| 3|01|02|\n|AM|am|03:02:01 AM|03:02|01|\t|03:02:01|6|00|01|6|00|01/04/25|03:02:01|25|2025|005000',
  ],
  [
    new Date(2024, 11, 30, 15, 7, 9, 123),
    'Mon|Monday|Dec|December|Mon Dec 30 15:07:09 2024|20|30|12/30/24|30|2024-12-30|25|2025|Dec|15|03|365|15| 3|12|07|\n|PM|pm|03:07:09 PM|15:07|09|\t|15:07:09|1|52|01|1|53|12/30/24|15:07:09|24|2024|123000',
  ],
  [
    new Date(2026, 0, 1, 0, 0, 0, 0),
    'Thu|Thursday|Jan|January|Thu Jan  1 00:00:00 2026|20|01|01/01/26| 1|2026-01-01|26|2026|Jan|00|12|001| 0|12|01|00|\n|AM|am|12:00:00 AM|00:00|00|\t|00:00:00|4|00|01|4|00|01/01/26|00:00:00|26|2026|000000',
  ],
  [
    new Date(2024, 1, 29, 12, 30, 59, 0),
    'Thu|Thursday|Feb|February|Thu Feb 29 12:30:59 2024|20|29|02/29/24|29|2024-02-29|24|2024|Feb|12|12|060|12|12|02|30|\n|PM|pm|12:30:59 PM|12:30|59|\t|12:30:59|4|08|09|4|09|02/29/24|12:30:59|24|2024|000000',
  ],
  [
    new Date(2023, 11, 31, 23, 59, 59, 999),
    'Sun|Sunday|Dec|December|Sun Dec 31 23:59:59 2023|20|31|12/31/23|31|2023-12-31|23|2023|Dec|23|11|365|23|11|12|59|\n|PM|pm|11:59:59 PM|23:59|59|\t|23:59:59|7|53|52|0|52|12/31/23|23:59:59|23|2023|999000',
  ],
  [
    new Date(2005, 0, 1, 11, 5, 5, 0),
    'Sat|Saturday|Jan|January|Sat Jan  1 11:05:05 2005|20|01|01/01/05| 1|2005-01-01|04|2004|Jan|11|11|001|11|11|01|05|\n|AM|am|11:05:05 AM|11:05|05|\t|11:05:05|6|00|53|6|00|01/01/05|11:05:05|05|2005|000000',
  ],
])('formats %s as C does', (time, expected) => {
  expect(strftime(ALL, time)).toBe(expected);
});

test('leaves padding out, ignores E and O, and keeps other text', () => {
  const time = new Date(2025, 0, 4, 3, 2, 1);
  expect(strftime('a/%-d|%-m|%-H|%-j|%Ey|%Od|%-I|%-e/100%%/%%Y', time)).toBe('a/4|1|3|4|25|04|3|4/100%/%Y');
});

test('knows the local time zone', () => {
  const time = new Date('2026-07-01T12:30:00Z');
  process.env.TZ = 'America/St_Johns';
  expect(strftime('%s %z %Y-%m-%d %H:%M', time)).toBe('1782909000 -0230 2026-07-01 10:00');
  process.env.TZ = 'UTC';
  expect(strftime('%z %Z', time)).toBe('+0000 UTC');
});

test('counts days across a change of the clocks', () => {
  process.env.TZ = 'Europe/Berlin';
  expect(strftime('%j', new Date(2026, 2, 30, 0, 30))).toBe('089');
});

test.each(['%Q', 'a%', 'a%é', '%-', '%E'])('refuses %j, saying how a percent sign is written', format => {
  expect(() => strftime(format, new Date(0))).toThrow(
    'is no strftime directive. Write %% for a percent sign.',
  );
});

test('refuses an invalid date', () => {
  expect(() => strftime('%Y', new Date(Number.NaN))).toThrow(
    expect.objectContaining({ code: 'invalid-argument' }),
  );
});
