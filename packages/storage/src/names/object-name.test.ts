import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isObjectName, objectName } from './object-name.ts';

const LIMITS = { maxNameBytes: Number.POSITIVE_INFINITY, maxObjectBytes: 0, maxStreamBytes: 0 };

function isAccepted(name: string): boolean {
  try {
    return objectName(name, LIMITS, 'list', '') === name;
  } catch {
    return false;
  }
}

test('what is listed is a name exactly where objectName takes it', () => {
  const pieces = ['a', 'bc', '.', '..', '/', '//', '\\', ':', 'C:', '\n', '\u007f', '\ud800', '🦜', 'é', ' '];
  const names = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map(parts => parts.join('')),
  );
  fc.assert(
    fc.property(names, name => isObjectName(name) === isAccepted(name)),
    { numRuns: 5000 },
  );
  for (const name of ['folder/', 'a//b', '../up', 'a/..', '/a', '', 'C:x', 'a\\..\\b'])
    expect([name, isObjectName(name)]).toEqual([name, false]);
});
