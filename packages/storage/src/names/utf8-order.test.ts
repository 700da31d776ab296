import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareUtf8 } from './utf8-order.ts';

test('sorts as the UTF-8 bytes do', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', '/', '\u00e9', '\uffff', '\ud7ff', '\ue000', '\u{10000}', '\u{10ffff}'),
  });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});
