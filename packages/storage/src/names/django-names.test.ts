import { expect, test } from 'vitest';
import { djangoNames, uniqueNames } from './django-names.ts';

test('names are kept unless asked otherwise', () => {
  expect(djangoNames().first).toBe('keep');
  expect(djangoNames({ first: 'unique' }).first).toBe('unique');
  expect(uniqueNames().first).toBe('unique');
});

test('a spread policy with its own getValidName cleans whole paths with it', () => {
  const policy = { ...djangoNames(), getValidName: (name: string) => name.toUpperCase() };
  expect(policy.generateFilename('d\\./a b.txt')).toBe('d/A B.TXT');
});
