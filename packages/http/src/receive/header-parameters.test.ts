import { expect, test } from 'vitest';
import { parametersOf } from './header-parameters.ts';

/** A header as it comes: a character for each byte of UTF-8. */
const bytes = (text: string): string => Buffer.from(text).toString('latin1');

test.each([
  ['form-data', 'form-data', {}],
  ['form-data; name="a"', 'form-data', { name: 'a' }],
  ['Form-Data ;  NAME = a ; FileName="b.txt"', 'form-data', { name: 'a', filename: 'b.txt' }],
  ['form-data; name="größe 中文"', 'form-data', { name: 'größe 中文' }],
  ['form-data; name="a;b=c"; filename=""', 'form-data', { name: 'a;b=c', filename: '' }],
  [String.raw`x; filename="a \"b\" c.txt"`, 'x', { filename: 'a "b" c.txt' }],
  ['x; filename="a %22b%22 c%0D%0A.txt"', 'x', { filename: 'a "b" c.txt' }],
  ['x; filename="100%.txt"', 'x', { filename: '100%.txt' }],
  [String.raw`x; filename="C:\Windows\a.txt"`, 'x', { filename: String.raw`C:\Windows\a.txt` }],
  [String.raw`x; filename="C:\Windows\"`, 'x', { filename: 'C:\\Windows\\' }],
  ["x; filename*=UTF-8''na%C3%AFve%20%E2%82%AC.txt", 'x', { filename: 'naïve €.txt' }],
  [`x; filename*="UTF-8''na%C3%AFve.txt"`, 'x', { filename: 'naïve.txt' }],
  ["x; filename*=iso-8859-1'en'%A3.txt", 'x', { filename: '£.txt' }],
  ["x; filename=a.txt; filename*=UTF-8''b.txt", 'x', { filename: 'b.txt' }],
  ["x; filename*=UTF-8''b.txt; filename=a.txt", 'x', { filename: 'b.txt' }],
] as const)('%s', (header, type, parameters) => {
  const found = parametersOf(bytes(header));
  expect([found.type, Object.fromEntries(found.parameters)]).toEqual([type, parameters]);
});

test('what is no UTF-8 stays readable', () => {
  expect(parametersOf('x; filename="gr\xf6\xdfe.txt"').parameters.get('filename')).toBe('größe.txt');
});

test.each([
  'x; name',
  'x; name=',
  'x; name="a',
  'x; name="a" b',
  'x; name=a name=b',
  'x; name=a; name=b',
  "x; filename*=UTF-8''a; filename*=UTF-8''b",
  'x; filename*=a.txt',
  "x; filename*=UTF-8''%zz",
  "x; filename*=UTF-8''%ff",
  "x; filename*=UTF-7''a",
  "x; filename*=UTF-8''a%00b",
  "x; filename*=UTF-8''a%0d%0ab",
  'x; =a',
  'x;; name=a',
])('%j is refused', header => {
  expect(() => parametersOf(header)).toThrow(expect.objectContaining({ code: 'malformed-request' }));
});
