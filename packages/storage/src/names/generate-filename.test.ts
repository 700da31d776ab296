import { expect, test } from 'vitest';
import { candidateNames } from './candidate-names.ts';
import { djangoNames } from './django-names.ts';
import { generateFilename } from './generate-filename.ts';
import { overwriteName } from './overwrite-name.ts';

const GIVEN = 'UnTRIVíAL @fil$ena#me!';
const VALID = 'UnTRIVíAL_filename';

test('django 4.2/4 test_valid_names: nine forms of a path come out normalised, the last segment cleaned', () => {
  const forms: readonly (readonly [string, string])[] = [
    ['', ''],
    ['././././././', ''],
    ['some/path/', 'some/path/'],
    ['some/./path/./', 'some/path/'],
    ['././some/././path/././', 'some/path/'],
    ['.\\.\\.\\.\\.\\.\\', ''],
    ['some\\path\\', 'some/path/'],
    ['some\\.\\path\\.\\', 'some/path/'],
    ['.\\.\\some\\.\\./path\\.\\.\\', 'some/path/'],
  ];
  for (const [given, expected] of forms) expect(generateFilename(given + GIVEN)).toBe(expected + VALID);
});

const names: Readonly<Record<string, (name: string) => string>> = {
  getAvailableName: name => candidateNames(djangoNames(), name).first,
  overwriteName: name => overwriteName(name),
  generateFilename: name => generateFilename(name),
};

test('django 4.2/6 test_storage_dangerous_paths: dot names are refused, the message names the last segment', () => {
  for (const name of ['/tmp/..', '\\tmp\\..', '/tmp/.', '\\tmp\\.', '..', '.', '']) {
    const fileName = name.split(/[/\\]/).at(-1);
    for (const make of Object.values(names))
      expect(() => make(name)).toThrow(`Could not derive file name from '${fileName}'`);
  }
});

test('django 4.2/7 test_storage_dangerous_paths_dir_name: ".." among the folders is refused, the message names them', () => {
  const dangerous: readonly (readonly [string, string])[] = [
    ['../path', '..'],
    ['..\\path', '..'],
    ['tmp/../path', 'tmp/..'],
    ['tmp\\..\\path', 'tmp/..'],
    ['/tmp/../path', '/tmp/..'],
    ['\\tmp\\..\\path', '/tmp/..'],
  ];
  for (const [name, folder] of dangerous)
    for (const make of Object.values(names))
      expect(() => make(name)).toThrow(`Detected path traversal attempt in '${folder}'`);
});
