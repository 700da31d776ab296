import { expect, test } from 'vitest';
import { withoutPassword } from './field-file-error.ts';

test('an address shows no user and password, and is itself otherwise', () => {
  expect(withoutPassword('cannot use "https://user:p%40ss:w@rd@host:1/a@b?c=//d" here')).toBe(
    'cannot use "https://…@host:1/a@b?c=//d" here',
  );
  for (const text of ['https://host/a@b', 'a@b', '//host', 'https://host?user@x'])
    expect(withoutPassword(text)).toBe(text);
});
