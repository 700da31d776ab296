import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { parseOptions, UsageError } from './options.ts';

test('without arguments every suite runs, with the rounds that each comparison names', () => {
  expect(parseOptions([])).toEqual({
    suites: [
      ...['fs', 'list', 'parts', 'handles', 'removal', 'image', 'memory'],
      ...['s3', 'gcs', 'azure', 'cloud-memory'],
    ],
    rounds: undefined,
    only: '',
    folder: tmpdir(),
    rivals: false,
    large: false,
    json: false,
    help: false,
  });
});

test('suites, rounds and a part of the title can be chosen', () => {
  expect(parseOptions(['list', 'fs', '--rounds', '3', '--only', '2 GiB', '--json'])).toMatchObject({
    suites: ['list', 'fs'],
    rounds: 3,
    only: '2 GiB',
    json: true,
  });
});

test('rivals and large objects are asked for', () => {
  expect(parseOptions(['s3', '--rivals', '--large'])).toMatchObject({
    suites: ['s3'],
    rivals: true,
    large: true,
  });
});

test.each([
  [
    ['disk'],
    '"disk" is none of fs, list, parts, handles, removal, image, memory, s3, gcs, azure, cloud-memory.',
  ],
  [['--rounds', '0'], '--rounds: "0" is no whole number from 1 to 9999.'],
  [['--rounds', 'many'], '--rounds: "many" is no whole number from 1 to 9999.'],
  [['--folder', '/does/not/exist'], '--folder: there is no folder "/does/not/exist".'],
  [['s3', '--rivals=flydrive'], "Option '--rivals' does not take an argument"],
  [['--fast'], "Unknown option '--fast'"],
])('%j is refused', (argv, message) => {
  expect(() => parseOptions(argv)).toThrow(UsageError);
  expect(() => parseOptions(argv)).toThrow(message);
});
