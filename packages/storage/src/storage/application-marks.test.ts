import { expect, test } from 'vitest';
import { isMark, MARKS } from './application-marks.ts';

test.each([
  [MARKS, true],
  [`${MARKS}shop`, true],
  [`tenants/7/${MARKS}shop`, true],
  [`not-${MARKS}a/${MARKS}shop`, true],
  [`not-${MARKS}shop`, false],
  ['fieldfile-application', false],
  ['uploads/fieldfile-application', false],
  ['fieldfile-application.txt', false],
  ['a.txt', false],
])('%j is a mark: %s', (name, isOne) => {
  expect(isMark(name)).toBe(isOne);
});
