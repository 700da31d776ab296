import { posix, win32 } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isFieldFileError } from '../errors/field-file-error.ts';
import { type PathStyle, safeJoin } from './safe-join.ts';

const suspicious = expect.objectContaining({ code: 'suspicious-name' });

test('django 4.4/58 test_file_storage_prevents_directory_traversal: names outside the root are refused', () => {
  for (const name of ['..', '/etc/passwd', '../media-private/x', 'a/../../b'])
    expect(() => safeJoin('/srv/media', name, 'posix')).toThrow(
      'is located outside of the base path component',
    );
});

test.each([
  ['C:\\media', 'd/a.txt', 'C:\\media\\d\\a.txt'],
  ['C:\\media\\', 'd\\..\\a', 'C:\\media\\a'],
  ['C:/media', 'c:\\MEDIA\\x', 'c:\\MEDIA\\x'],
  ['C:\\', 'a', 'C:\\a'],
  ['\\\\server\\share', 'a', '\\\\server\\share\\a'],
  ['\\\\server\\share\\m', 'a/b', '\\\\server\\share\\m\\a\\b'],
])('joins on Windows: %j and %j', (base, name, expected) => {
  expect(safeJoin(base, name, 'win32')).toBe(expected);
});

test.each([
  '..',
  '..\\media2',
  'a/../../b',
  'C:a.txt',
  'D:\\a.txt',
  '\\a.txt',
  '/media/a.txt',
  '\\\\server\\share\\a',
  'CON',
  'd/nul.txt',
  'a.txt:stream',
  'a.txt::$DATA',
  '...',
  'd/.. /x',
  'a\0',
])('refuses on Windows: %j', name => {
  expect(() => safeJoin('C:\\media', name, 'win32')).toThrow(suspicious);
});

test.each<[string, PathStyle]>([
  ['media', 'posix'],
  ['C:media', 'win32'],
  ['\\media', 'posix'],
])('the base %j must be absolute', (base, style) => {
  expect(() => safeJoin(base, 'a', style)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
});

test.each<[PathStyle, string, typeof posix]>([
  ['posix', '/srv/media', posix],
  ['win32', 'C:\\srv\\media', win32],
])('%s: whatever the name, the result is where node:path says, and within the base', (style, base, path) => {
  const unit = fc.constantFrom('.', '..', '/', '\\', ':', 'C', 'a', ' ', 'media', 'srv', '\0', 'é');
  fc.assert(
    fc.property(fc.string({ unit }), name => {
      let joined: string;
      try {
        joined = safeJoin(base, name, style);
      } catch (error) {
        if (!isFieldFileError(error, 'suspicious-name')) throw error;
        return;
      }
      expect(joined).toBe(path.resolve(base, name));
      expect(joined === base || joined.startsWith(base + path.sep)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
