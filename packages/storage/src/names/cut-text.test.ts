import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codePoints, cutText } from './cut-text.ts';
import { utf8Length } from './object-name.ts';

test.each([
  ['abc', 2, 'ab'],
  ['abc', 5, 'abc'],
  ['abc', 0, ''],
  ['abc', -1, ''],
  ['𝒜𝒷c', 1, '𝒜'],
  ['ae\u0301', 2, 'a'],
  ['a👍🏽', 2, 'a'],
  ['a👩\u200d🚀', 2, 'a'],
  ['a👩\u200d🚀', 3, 'a'],
  ['e\u0301\u0302', 2, 'e\u0301'],
])('cuts %j to %i code points: %j', (text, length, expected) => {
  expect(cutText(text, length)).toBe(expected);
});

test('cuts to bytes as well', () => {
  expect(cutText('日本語', 3, 8)).toBe('日本');
  expect(cutText('abc', 3, -1)).toBe('');
});

test('is a well-formed beginning within both limits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), fc.nat(40), (text, length, bytes) => {
      const cut = cutText(text, length, bytes);
      expect(text.startsWith(cut) && cut.isWellFormed()).toBe(true);
      expect(codePoints(cut)).toBeLessThanOrEqual(length);
      expect(utf8Length(cut)).toBeLessThanOrEqual(bytes);
    }),
  );
});
