import { expect, test } from 'vitest';
import { withoutPassword, withoutUser } from './without-password.ts';

test('an address shows no user and password, and is itself otherwise', () => {
  expect(withoutPassword('cannot use "https://user:p%40ss:w@rd@host:1/a@b?c=//d" here')).toBe(
    'cannot use "https://…@host:1/a@b?c=//d" here',
  );
  for (const text of ['https://host/a@b', 'a@b', '//host', 'https://host?user@x'])
    expect(withoutPassword(text)).toBe(text);
});

test.each([
  ['https://user:p%40ss:w@rd@host:1/a@b?c=//d@e', 'https://host:1/a@b?c=//d@e'],
  ['http://user@host', 'http://host'],
  ['https://host/a@b', 'https://host/a@b'],
  ['https://host?user@x', 'https://host?user@x'],
  ['/media//a@b', '/media//a@b'],
])('%s is %s without its user', (url, plain) => {
  expect(withoutUser(url)).toBe(plain);
});
