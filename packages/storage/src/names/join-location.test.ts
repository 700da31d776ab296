import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isFieldFileError } from '../errors/field-file-error.ts';
import { joinLocation } from './join-location.ts';

test.each([
  ['loc', 'a.txt', 'loc/a.txt'],
  ['loc/', 'a.txt', 'loc/a.txt'],
  ['a/b', 'c/', 'a/b/c/'],
  ['loc', '', 'loc/'],
  ['', 'a.txt', 'a.txt'],
])('joins %j and %j to %j', (location, name, expected) => {
  expect(joinLocation(location, name)).toBe(expected);
});

test('says below what the name must stay', () => {
  expect(() => joinLocation('loc', '../loc2/a')).toThrow('Give a path relative to "loc", without "..".');
});

test('whatever the name, the key is below the location', () => {
  const unit = fc.constantFrom('.', '..', '/', '\\', 'loc', 'a', ' ');
  fc.assert(
    fc.property(fc.string({ unit }), name => {
      let key: string;
      try {
        key = joinLocation('loc', name);
      } catch (error) {
        if (!isFieldFileError(error, 'suspicious-name')) throw error;
        return;
      }
      expect(key).toMatch(/^loc\//);
      expect(key.split('/')).not.toContain('..');
    }),
    { numRuns: 1000 },
  );
});
