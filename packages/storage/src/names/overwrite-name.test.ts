import { expect, test } from 'vitest';
import { overwriteName } from './overwrite-name.ts';

test('django 4.4/71 test_file_name_truncation: the root is cut and nothing random added', () => {
  expect(overwriteName('test_long_file_name.txt', 10)).toBe('test_l.txt');
  expect(overwriteName('test_long_file_name.txt')).toBe('test_long_file_name.txt');
});

test('django 4.4/72 test_file_name_truncation_extension_too_long: no root would be left', () => {
  expect(() => overwriteName('file_name.longext', 5)).toThrow(
    expect.objectContaining({ code: 'name-too-long' }),
  );
});
