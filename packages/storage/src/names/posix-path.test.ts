import { expect, test } from 'vitest';
import { joinPath, normalizePath, splitPath } from './posix-path.ts';

// What CPython 3.11's posixpath answers.
test.each([
  ['a', 'b', 'a/b'],
  ['a/', 'b', 'a/b'],
  ['', 'b', 'b'],
  ['a', '', 'a/'],
  ['a', '/b', '/b'],
])('joins %j and %j to %j', (folder, name, expected) => {
  expect(joinPath(folder, name)).toBe(expected);
});

test.each([
  ['a/b', 'a', 'b'],
  ['a', '', 'a'],
  ['a//b', 'a', 'b'],
  ['/a', '/', 'a'],
  ['//a', '//', 'a'],
  ['a/', 'a', ''],
  ['', '', ''],
])('splits %j into %j and %j', (path, folder, fileName) => {
  expect(splitPath(path)).toEqual({ folder, fileName });
});

test.each([
  ['', '.'],
  ['a/./b//c/', 'a/b/c'],
  ['a/../..', '..'],
  ['../../a', '../../a'],
  ['/../a', '/a'],
  ['//a', '//a'],
  ['///a', '/a'],
])('normalises %j to %j', (path, expected) => {
  expect(normalizePath(path)).toBe(expected);
});
