import { expect, test } from 'vitest';
import { accepts } from './accepts.ts';

test.each([
  ['', 'a.exe', '', true],
  [' , ', 'a.exe', '', true],
  ['.png', 'A.PNG', '', true],
  ['.png', 'png', '', false],
  ['image/*', 'a', 'image/png', true],
  ['image/*', 'a', 'imagery/png', false],
  ['image/*', 'a.heic', '', true],
  ['.pdf', 'a.heic', '', false],
  ['IMAGE/PNG', 'a', 'image/png', true],
  ['text/plain', 'a', 'text/plain;charset=utf-8', true],
  ['.pdf, image/*', 'a', 'image/gif', true],
  ['.pdf, image/*', 'a.txt', 'text/plain', false],
])('accept="%s": %s of type "%s" is %s', (accept, name, type, expected) => {
  expect(accepts(accept, { name, type })).toBe(expected);
});
