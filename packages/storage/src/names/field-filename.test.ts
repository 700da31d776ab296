import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isFieldFileError } from '../errors/field-file-error.ts';
import { djangoNames } from './django-names.ts';
import { fieldFilename } from './field-filename.ts';
import { objectName } from './object-name.ts';

const policy = djangoNames();
const now = new Date(2026, 2, 5);

const into = (folder: string | undefined, filename: string): string =>
  fieldFilename({ uploadTo: folder, filename, policy, now });
const returned = (path: string): string =>
  fieldFilename({ uploadTo: { path }, filename: 'unused', policy, now });

test('django 4.2/8 test_filefield_dangerous_filename: dot and empty names are refused', () => {
  for (const [name, shown] of [
    ['..', 'some/folder/..'],
    ['.', 'some/folder/.'],
    ['', 'some/folder/'],
    ['???', '???'],
    ['$.$.$', '$.$.$'],
  ] as const)
    expect(() => into('some/folder/', name)).toThrow(`Could not derive file name from '${shown}'`);
});

test('django 4.2/9 test_filefield_dangerous_filename_dot_segments: a path out of the folder is refused', () => {
  expect(() => into('some/folder/', '../path')).toThrow(
    "Detected path traversal attempt in 'some/folder/../path'",
  );
});

test('django 4.2/10 test_filefield_generate_filename_absolute_path: an absolute name is refused', () => {
  for (const name of ['/tmp/path', '/tmp/../path'])
    expect(() => into('some/folder/', name)).toThrow(`Detected path traversal attempt in '${name}'`);
});

test('django 4.2/11 test_filefield_generate_filename: the name is cleaned below the folder', () => {
  expect(into('some/folder/', 'test with space.txt')).toBe('some/folder/test_with_space.txt');
});

test('django 4.2/12 test_filefield_generate_filename_with_upload_to: and what a callable returned', () => {
  expect(returned('some/folder/test with space.txt')).toBe('some/folder/test_with_space.txt');
});

test('django 4.2/13 test_filefield_generate_filename_upload_to_overrides_dangerous_filename: the result counts', () => {
  for (const filename of ['/tmp/..', '\\tmp\\..', '/tmp/.', '..', '.', '', 'some/../test.txt', '\0'])
    expect(fieldFilename({ uploadTo: { path: 'test.txt' }, filename, policy, now })).toBe('test.txt');
});

test('django 4.2/14 test_filefield_generate_filename_upload_to_absolute_path: an absolute result is refused', () => {
  for (const name of ['path', '../path', '???', '$.$.$'])
    expect(() => returned(`/tmp/${name}`)).toThrow(`Detected path traversal attempt in '/tmp/${name}'`);
});

test('django 4.2/15 test_filefield_generate_filename_upload_to_dangerous_filename: one that names nothing is, too', () => {
  for (const name of ['..', '.', ''])
    expect(() => returned(`/tmp/${name}`)).toThrow(`Could not derive file name from '/tmp/${name}'`);
});

test('django 4.2/16 test_filefield_awss3_storage: a policy that keeps keys gets them byte for byte', () => {
  const keys = {
    ...policy,
    getValidName: (name: string) => name,
    generateFilename: (name: string) => `mys3/${name}`,
  };
  const key = 'my-file-key\\with odd characters';
  expect(fieldFilename({ uploadTo: 'not/a/folder/', filename: key, policy: keys, now })).toBe(
    `mys3/not/a/folder/${key}`,
  );
});

test('django 4.4/83 test_empty_upload_to: no folder', () => {
  expect(into('', 'a.txt')).toBe('a.txt');
  expect(into(undefined, 'a.txt')).toBe('a.txt');
});

test('django 4.4/86 test_custom_valid_name_callable_upload_to: getValidName applies after a callable', () => {
  const custom = { ...policy, getValidName: (name: string) => `${name}_valid` };
  expect(fieldFilename({ uploadTo: { path: 'random/a' }, filename: '', policy: custom, now })).toBe(
    'random/a_valid',
  );
});

test('django 4.5/116 test_save_without_name: the absolute path of a file is no name', () => {
  expect(() => into('unused', '/tmp/tmpabc')).toThrow("Detected path traversal attempt in '/tmp/tmpabc'");
});

test('strftime expands the folder, not the name', () => {
  expect(into('%Y/%m/%-d', '%Y.txt')).toBe('2026/03/5/Y.txt');
  expect(returned('%Y/a.txt')).toBe('%Y/a.txt');
});

test.each(['.htaccess', 'Web.config', 'web.config.', 'web.config ', 'web.config::$DATA'])(
  'a policy that keeps %j does not keep it from being renamed',
  fileName => {
    const keeps = { generateFilename: (name: string) => name };
    expect(fieldFilename({ uploadTo: 'a/', filename: fileName, policy: keeps, now })).toBe(`a/_${fileName}`);
  },
);

test('a policy cannot lead out of the storage', () => {
  for (const bad of ['../x', '/x', 'a/..', 'C:x', 'a\0'])
    expect(() =>
      fieldFilename({ uploadTo: 'd', filename: 'a', policy: { generateFilename: () => bad }, now }),
    ).toThrow(expect.objectContaining({ code: 'suspicious-name' }));
});

test('a folder with control or direction characters is refused, a file name is cleaned of them', () => {
  expect(() => into('d\n', 'a')).toThrow('control characters');
  expect(() => into('d', 'e\u202e/a')).toThrow('changes the direction');
  expect(into('d', 'a\n\u202e.txt')).toBe('d/a.txt');
});

test('whatever the name, it is refused or a valid key', () => {
  const limits = { maxNameBytes: 1e6, maxObjectBytes: 1, maxStreamBytes: 1, refusesBackslash: true };
  const pieces = ['.', '..', '/', '\\', 'C:', '\0', '\u202e', '\ud800', ' ', '~', '🎉', 'a', '%'];
  const unit = fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 2 }));
  fc.assert(
    fc.property(fc.string({ unit }), fc.constantFrom(undefined, '', 'd', 'd/e/'), (filename, uploadTo) => {
      let name: string;
      try {
        name = fieldFilename({ uploadTo, filename, policy, now });
      } catch (error) {
        if (!isFieldFileError(error, 'suspicious-name')) throw error;
        return;
      }
      expect(objectName(name, limits, 'save', 'test')).toBe(name);
    }),
    { numRuns: 2000 },
  );
});
