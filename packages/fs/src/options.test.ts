import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkOptions, type FileSystemStorageOptions } from './options.ts';

const bad: readonly (readonly [string, unknown])[] = [
  ['root', ''],
  ['root', undefined],
  ['root', 'a\0b'],
  ['root', '~/media'],
  ['root', '~'],
  ['root', '~user/media'],
  ['root', '/srv/~/media'],
  ['root', 'file:///srv/media'],
  ['baseUrl', 'media.example.com'],
  ['baseUrl', '//evil.example/'],
  ['baseUrl', 'https://media.example.com/?a'],
  ['baseUrl', 'javascript:alert(1)'],
  ['signingKey', 'short'],
  ['signingKey', []],
  ['signingKey', [new Uint8Array(31)]],
  ['expiryStepSeconds', 0],
  ['expiryStepSeconds', 1.5],
  ['filePermissionsMode', '644'],
  ['filePermissionsMode', 0o10000],
  ['directoryPermissionsMode', -1],
  ['durability', 'some'],
];

describe('options', () => {
  test.each(bad)('refuse %s %j, naming it and the fix', (option, value) => {
    const options = { root: 'media', [option]: value } as FileSystemStorageOptions;
    expect(() => checkOptions(options)).toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        message: expect.stringMatching(`${option}.*: \\w+`),
      }),
    );
  });

  test('resolve a relative root', () => {
    expect(checkOptions({ root: 'media' }).root).toBe(resolve('media'));
  });
});
