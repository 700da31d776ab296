import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isFieldFileError } from '../errors/field-file-error.ts';
import { getValidName } from './get-valid-name.ts';
import { isServerFile } from './server-file.ts';

test.each([
  ['🎉.txt', 'file.txt'],
  ['🎉', undefined],
  ['.hidden', '_.hidden'],
  [' .hidden', '_.hidden'],
  ['.htaccess', '_.htaccess'],
  ['.HTaccess', '_.HTaccess'],
  ['.htpasswd', '_.htpasswd'],
  ['.user.ini', '_.user.ini'],
  ['.env', '_.env'],
  ['.env.local', '_.env.local'],
  ['..htaccess', '_..htaccess'],
  ['.htaccess.', '_.htaccess'],
  ['.htaccess ', '_.htaccess'],
  ['.htaccess::$DATA', '_.htaccessDATA'],
  ['\u200b.htaccess', 'file.htaccess'],
  ['web.config', '_web.config'],
  ['Web.Config', '_Web.Config'],
  ['web.config.', '_web.config'],
  ['web.config. .', 'web.config._'],
  ['web.config:', '_web.config'],
  ['web.con\u200bfig', '_web.config'],
  ['web.config.txt', 'web.config.txt'],
  ['PHP.INI', '_PHP.INI'],
  ['desktop.ini', '_desktop.ini'],
  ['_headers', '__headers'],
  ['a.php::$DATA', 'a.phpDATA'],
  ['a.php.', 'a.php'],
  ['a.php. ', 'a.php'],
  ['a.', 'a'],
  ['-rf', '_-rf'],
  ['--', '_--'],
  ['CON.txt', '_CON.txt'],
  ['com1.tar.gz', '_com1.tar.gz'],
  ['console.txt', 'console.txt'],
  ['....', undefined],
  ['\u202egnp.exe', 'gnp.exe'],
  ['\u0000\n', undefined],
  ['\ud800a.txt', 'a.txt'],
  ['Ελλάδα 1.txt', 'Ελλάδα_1.txt'],
])('cleans %j to %j', (name, expected) => {
  if (expected === undefined) expect(() => getValidName(name)).toThrow('Could not derive file name from');
  else expect(getValidName(name)).toBe(expected);
});

test('strips what Python strips', () => {
  expect(getValidName('\u001c\u0085\u00a0 a\u3000')).toBe('a');
  expect(getValidName('\ufeff a')).toBe('_a');
});

test('names the refused value and the fix', () => {
  expect(() => getValidName('\n')).toThrow(
    "Could not derive file name from '\\u000a'. Give it a name with at least one letter or digit.",
  );
});

test('a clean name is a single segment and stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), name => {
      let cleaned: string;
      try {
        cleaned = getValidName(name);
      } catch (error) {
        expect(isFieldFileError(error, 'suspicious-name')).toBe(true);
        return;
      }
      expect(getValidName(cleaned)).toBe(cleaned);
      expect(cleaned).toMatch(/^[-\p{L}\p{N}_.]*[-\p{L}\p{N}_]$/u);
      expect(cleaned).not.toMatch(/^[-.]/);
      expect(isServerFile(cleaned)).toBe(false);
    }),
  );
});

test('takes long runs of spaces in linear time', () => {
  expect(getValidName(`a${' '.repeat(1_000_000)}b`)).toHaveLength(1_000_002);
});
