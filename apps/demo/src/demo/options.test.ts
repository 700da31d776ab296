import { expect, test } from 'vitest';
import { UsageError } from '../command-line.ts';
import { parseOptions } from './options.ts';

test('without options, takes the samples through every storage', () => {
  expect(parseOptions([])).toEqual({
    only: ['fs', 's3', 'gcs', 'azure', 'memory'],
    concurrency: 8,
    keep: false,
    json: false,
    help: false,
  });
});

test('takes what is named, and storages in their own order', () => {
  expect(parseOptions(['photos', '--only', 's3, fs', '--concurrency=3', '--json', '--keep'])).toMatchObject({
    path: 'photos',
    only: ['fs', 's3'],
    concurrency: 3,
    json: true,
    keep: true,
  });
});

test.each([
  [['--only', 's4'], '--only: "s4" is none of fs, s3, gcs, azure, memory.'],
  [['--only', ''], '--only: "" is none of fs'],
  [['--only', 's3,s3'], '--only: "s3" is given twice.'],
  [['--concurrency', '0'], '--concurrency: "0" is no whole number above 0.'],
  [['--concurrency', '257'], '--concurrency: 257 is more than 256.'],
  [['one', 'two'], 'One folder at a time: "two" is a second one.'],
  [['--kep'], /^Unknown option '--kep'/],
  [['--config'], /'--config <value>' argument missing/],
])('refuses %j', (argv, message) => {
  expect(() => parseOptions(argv)).toThrow(UsageError);
  expect(() => parseOptions(argv)).toThrow(message);
});
