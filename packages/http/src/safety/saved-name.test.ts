import fc from 'fast-check';
import { expect, test } from 'vitest';
import { savedName } from './saved-name.ts';

test.each<[string, string | undefined]>([
  ['avatars/2026/me.png', 'me.png'],
  ['C:\\Users\\me\\report.pdf', 'report.pdf'],
  ['größe “1”.txt', 'größe “1”.txt'],
  ['a"b\'c;d.txt', 'a"b\'c;d.txt'],
  ['עברית.txt', 'עברית.txt'],
  ['invoice\u202egnp.exe', 'invoicegnp.exe'],
  ['a\u2066b\u2069c\u200e\u200f\u061c.txt', 'abc.txt'],
  ['a\r\nset-cookie: b=c.txt', 'aset-cookie: b=c.txt'],
  ['a\u0000\u007f\u0085\u2028\u2029b.txt', 'ab.txt'],
  ['\ufeffa\u00ad\u200b.txt', 'a.txt'],
  ['half \ud83d.txt', 'half .txt'],
  ['👨\u200d👩\u200d👧.png', '👨\u200d👩\u200d👧.png'],
  ['می\u200cخواهم.txt', 'می\u200cخواهم.txt'],
  [' a.txt . ', 'a.txt'],
  ['..', undefined],
  ['a/..', undefined],
  ['\u202e', undefined],
  ['folder/', undefined],
  ['', undefined],
])('%j is saved as %j', (name, saved) => expect(savedName(name)).toBe(saved));

test('a long name keeps its extension', () => {
  const saved = savedName(`${'😀'.repeat(300)}.jpeg`) ?? '';
  expect([...saved].length).toBe(255);
  expect(saved.endsWith('😀.jpeg')).toBe(true);
});

const texts = fc
  .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 40 })
  .map(points => String.fromCodePoint(...points));

test('no name has a path, a control character or a turn of direction, whatever it was', () => {
  fc.assert(
    fc.property(texts, name => {
      const saved = savedName(name) ?? 'a';
      expect(saved).not.toMatch(/[/\\\p{Cc}\p{Cs}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
      expect(savedName(saved) ?? 'a').toBe(saved);
    }),
  );
});
