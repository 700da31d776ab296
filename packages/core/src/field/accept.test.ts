import { expect, test } from 'vitest';
import { accepts } from './accept.ts';

test.each<[accept: string[], name: string, type: string | undefined, expected: boolean]>([
  [['image/*'], 'a.bin', 'image/png', true],
  [['image/*'], 'a.png', 'application/pdf', false],
  [['image/*'], 'a.png', undefined, false],
  [['IMAGE/PNG'], 'a', 'image/png; charset=binary', true],
  [['.pdf', 'text/plain'], 'A.PDF', undefined, true],
  [['.pdf', 'text/plain'], 'a.txt', 'text/plain', true],
  [['.pdf'], '.pdf', undefined, false],
  [['.tar.gz'], 'a.tar.gz', undefined, true],
  [['*/*'], 'a', undefined, true],
  [['image/'], 'a', 'image/png', false],
  [['imagex/*'], 'a', 'image/png', false],
  [[], 'a.png', 'image/png', false],
])('%j takes %s of type %s: %s', (accept, name, type, expected) => {
  expect(accepts(accept, name, type)).toBe(expected);
});
