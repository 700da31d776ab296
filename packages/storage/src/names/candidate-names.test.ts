import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isFieldFileError } from '../errors/field-file-error.ts';
import { candidateNames } from './candidate-names.ts';
import { codePoints } from './cut-text.ts';
import { djangoNames, uniqueNames } from './django-names.ts';
import { utf8Length } from './object-name.ts';

const django = djangoNames();

test('keeps the name first and gives a fresh alternative each time', () => {
  const names = candidateNames(django, 'd/a.txt');
  const alternatives = Array.from({ length: 20 }, () => names.next());
  expect(names.first).toBe('d/a.txt');
  expect(new Set(alternatives).size).toBe(20);
  for (const name of alternatives) expect(name).toMatch(/^d\/a_\w{7}\.txt$/);
});

test('a unique policy never gives the plain name', () => {
  expect(candidateNames(uniqueNames(), 'd/a.txt').first).toMatch(/^d\/a_\w{7}\.txt$/);
});

test('django 4.4/78 test_duplicate_filename: the random part stands before all suffixes', () => {
  expect(candidateNames(django, 'tests/multiple_files.txt').next()).toMatch(
    /^tests\/multiple_files_\w{7}\.txt$/,
  );
  expect(candidateNames(django, 'tests/multiple_files.tar.gz').next()).toMatch(
    /^tests\/multiple_files_\w{7}\.tar\.gz$/,
  );
});

test('django 4.4/79 test_file_truncation: the root is cut to make room', () => {
  const names = candidateNames(django, 'tests/filename.ext', 20);
  expect(names.first).toBe('tests/filename.ext');
  for (let round = 0; round < 3; round++) expect(names.next()).toMatch(/^tests\/fi_\w{7}\.ext$/);
  expect(() => candidateNames(django, 'tests/short.longext', 20).next()).toThrow(
    expect.objectContaining({ code: 'name-too-long' }),
  );
});

test('django 4.4/80 test_extended_length_storage: a long name fits a long column', () => {
  const name = `${'a'.repeat(251)}.txt`;
  expect(candidateNames(django, name, 1024).first).toBe(name);
});

test('django 4.4/103 test_directory_with_dot: a dot in a folder is no suffix', () => {
  expect(candidateNames(django, 'dotted.path/test').next()).toMatch(/^dotted\.path\/test_\w{7}$/);
});

test('django 4.4/104 test_first_character_dot: a hidden file has no suffix', () => {
  expect(candidateNames(django, 'dotted.path/.test').next()).toMatch(/^dotted\.path\/\.test_\w{7}$/);
});

test('django 4.4/67 test_custom_get_available_name: a custom policy is honoured', () => {
  let number = 1;
  const numbered = {
    ...django,
    getAlternativeName: (root: string, ext: string) => `${root}${ext}.${++number}`,
  };
  const names = candidateNames(numbered, 'custom_storage');
  expect([names.first, names.next(), names.next()]).toEqual([
    'custom_storage',
    'custom_storage.2',
    'custom_storage.3',
  ]);
});

test('maxLength counts code points of the whole path', () => {
  expect(candidateNames(django, 'd/𝒜𝒜𝒜.txt', 9).first).toBe('d/𝒜𝒜𝒜.txt');
  expect(candidateNames(django, 'd/𝒜𝒜𝒜𝒜𝒜𝒜𝒜.txt', 16).next()).toMatch(/^d\/𝒜𝒜_\w{7}\.txt$/u);
});

test('a name too long for the file system is cut to its bytes', () => {
  const limits = { maxNameBytes: 1024, maxSegmentBytes: 255 };
  const { first } = candidateNames(django, `d/${'日'.repeat(200)}.png`, 1000, limits);
  expect(first).toMatch(/^d\/日{81}_\w{7}\.png$/u);
  expect(utf8Length(first.slice(2))).toBe(255);
});

test('says what to do when nothing can be cut', () => {
  expect(() => candidateNames(django, 'folder/a.txt', 11)).toThrow('Raise maxLength and widen the column');
});

test('every name fits, in the folder of the given one', () => {
  const segment = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(
      segment,
      segment,
      fc.integer({ min: 1, max: 80 }),
      fc.boolean(),
      (folder, name, length, keep) => {
        try {
          const names = candidateNames(
            djangoNames({ first: keep ? 'keep' : 'unique' }),
            `${folder}/${name}`,
            length,
            {
              maxNameBytes: 100,
              maxSegmentBytes: 50,
            },
          );
          for (const one of [names.first, names.next(), names.next()]) {
            expect(codePoints(one)).toBeLessThanOrEqual(length);
            expect(utf8Length(one)).toBeLessThanOrEqual(100);
            expect(utf8Length(one.slice(one.lastIndexOf('/') + 1))).toBeLessThanOrEqual(50);
          }
        } catch (error) {
          if (!isFieldFileError(error, 'suspicious-name', 'name-too-long')) throw error;
        }
      },
    ),
  );
});
