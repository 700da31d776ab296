import { expect, test } from 'vitest';
import { validateFileName } from './validate-file-name.ts';

test.each(['a.txt', 'a b.txt', '日本語.png', '-rf', 'CON.txt', 'a..b', 'مرحبا\u200f.txt'])(
  'returns %j unchanged',
  name => {
    expect(validateFileName(name)).toBe(name);
    expect(validateFileName(`d/${name}`, { allowRelativePath: true })).toBe(`d/${name}`);
  },
);

test.each([
  ['..', 'Could not derive file name'],
  ['...', 'Could not derive file name'],
  ['/a', 'Detected path traversal attempt'],
  ['a/../b', 'Detected path traversal attempt'],
  ['a\\..\\b', 'Detected path traversal attempt'],
  ['a/.../b', 'Detected path traversal attempt'],
  ['C:a', 'Detected path traversal attempt'],
  ['c:/a', 'Detected path traversal attempt'],
  ['a\u0000b', 'control characters'],
  ['a/\u0085/b', 'control characters'],
  ['a\ud800', 'half a surrogate pair'],
  ['\u202egnp.exe', 'changes the direction'],
  ['d\u2066/a', 'changes the direction'],
])('refuses the path %j: %s', (name, problem) => {
  expect(() => validateFileName(name, { allowRelativePath: true })).toThrow(
    expect.objectContaining({
      code: 'suspicious-name',
      objectName: name,
      message: expect.stringContaining(problem),
    }),
  );
});

test('shows what it refuses without control or direction characters', () => {
  expect(() => validateFileName('a\n\u202e')).toThrow("File name 'a\\u000a\\u202e'");
});
