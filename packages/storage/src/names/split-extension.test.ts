import { expect, test } from 'vitest';
import { splitExtension } from './split-extension.ts';

test.each([
  ['a.txt', 'a', '.txt'],
  ['a.tar.gz', 'a', '.tar.gz'],
  ['v1.2.3.zip', 'v1', '.2.3.zip'],
  ['.hidden', '.hidden', ''],
  ['.hidden.txt', '.hidden', '.txt'],
  ['..a.b', '..a', '.b'],
  ['noext', 'noext', ''],
  ['a.', 'a.', ''],
  ['a.b.', 'a.b.', ''],
  ['a..b', 'a', '..b'],
  ['...', '...', ''],
  ['', '', ''],
])('splits %j into %j and %j', (name, root, extension) => {
  expect(splitExtension(name)).toEqual({ root, extension });
});
