import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isMistakenFor } from './mistaken-for.ts';
import { isObjectName, type ObjectNameLimits, objectName } from './object-name.ts';

const UNLIMITED: ObjectNameLimits = { maxNameBytes: Number.POSITIVE_INFINITY };
const RESERVED = ['.fieldfile', 'kept'];
const LIMITED: ObjectNameLimits = {
  maxNameBytes: 40,
  maxSegmentBytes: 14,
  maxSegments: 4,
  refusesBackslash: true,
  reservedSegments: RESERVED,
};

function isTaken(name: string, limits: ObjectNameLimits): boolean {
  try {
    return objectName(name, limits, 'list', '') === name;
  } catch {
    return false;
  }
}

const bytes = (text: string): number => new TextEncoder().encode(text).byteLength;

/** The rules one by one, as they are written down. */
function keepsTheRules(name: string, limits: ObjectNameLimits): boolean {
  const segments = name.split('/');
  const isDots = (text: string): boolean => text === '.' || text === '..';
  return (
    !segments.includes('') &&
    !/^[a-z]:/i.test(name) &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
    !/[\u0000-\u001f\u007f]/.test(name) &&
    name.isWellFormed() &&
    !segments.some(segment => segment.split('\\').some(isDots)) &&
    !(limits.refusesBackslash && name.includes('\\')) &&
    !limits.reservedSegments?.some(reserved => isMistakenFor(segments[0] ?? '', reserved)) &&
    bytes(name) <= limits.maxNameBytes &&
    segments.length <= (limits.maxSegments ?? segments.length) &&
    segments.every(segment => bytes(segment) <= (limits.maxSegmentBytes ?? Number.POSITIVE_INFINITY))
  );
}

test.each([
  ['without limits', UNLIMITED],
  ['with limits', LIMITED],
])('a name is taken, and listed, exactly where it keeps the rules: %s', (_, limits) => {
  const pieces = ['a', 'bc', '.', '..', '/', '//', '\\', ':', 'C:', '\n', '\u007f', '\ud800', '🦜', 'é', ' '];
  const reserved = [
    'kept',
    'KEPT',
    'kept.',
    'keptsake',
    '.fieldfile',
    'FIELDF~1',
    'ke',
    '~1',
    '.a',
    'long-segment',
  ];
  const names = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme-ascii' }),
    fc.array(fc.constantFrom(...pieces, ...reserved), { maxLength: 8 }).map(parts => parts.join('')),
  );
  fc.assert(
    fc.property(names, name => {
      const expected = keepsTheRules(name, limits);
      expect([isTaken(name, limits), isObjectName(name, limits)]).toEqual([expected, expected]);
    }),
    { numRuns: 5000 },
  );
});

test('these are no names', () => {
  for (const name of ['folder/', 'a//b', '../up', 'a/..', '/a', '', 'C:x', 'a\\..\\b'])
    expect([name, isObjectName(name)]).toEqual([name, false]);
});
