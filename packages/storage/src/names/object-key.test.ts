import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isObjectKey, objectKey } from './object-key.ts';

const LIMITS = { maxKeyBytes: Number.POSITIVE_INFINITY, maxObjectBytes: 0, maxStreamBytes: 0 };

function isAccepted(name: string): boolean {
  try {
    return objectKey(name, LIMITS, 'list', '') === name;
  } catch {
    return false;
  }
}

test('what is listed is a name exactly where objectKey takes it', () => {
  const pieces = ['a', 'bc', '.', '..', '/', '//', '\\', ':', 'C:', '\n', '\u007f', '\ud800', '🦜', 'é', ' '];
  const names = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map(parts => parts.join('')),
  );
  fc.assert(
    fc.property(names, name => isObjectKey(name) === isAccepted(name)),
    { numRuns: 5000 },
  );
  for (const name of ['folder/', 'a//b', '../up', 'a/..', '/a', '', 'C:x', 'a\\..\\b'])
    expect([name, isObjectKey(name)]).toEqual([name, false]);
});
