import { newWriteId } from '@fieldfile/storage/backend';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBlobMetadata, toBlobMetadata } from './metadata.ts';

const writeId = newWriteId();

test('plain entries are stored as they are, the rest where the service cannot change it', () => {
  const stored = toBlobMetadata(writeId, {
    author: 'Jo',
    'with-dash': 'x',
    Upper: 'y',
    city: 'Köln',
    empty: '',
  });
  expect(stored).toMatchObject({ author: 'Jo', fieldfile_write: writeId });
  expect(Object.keys(stored).sort()).toEqual(['author', 'fieldfile_metadata', 'fieldfile_write']);
});

test('whatever it is, it comes back, and what is sent is ASCII under names the service takes', () => {
  const name = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('__proto__', 'fieldfile_write', 'a_b'),
  );
  fc.assert(
    fc.property(fc.dictionary(name, fc.string({ unit: 'grapheme' })), metadata => {
      const stored = toBlobMetadata(writeId, metadata);
      for (const [key, value] of Object.entries(stored)) {
        expect(key).toMatch(/^[a-z_][a-z0-9_]*$/);
        expect(value).toMatch(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/);
      }
      const found = fromBlobMetadata(stored);
      expect(found.writeId).toBe(writeId);
      expect(Object.entries(found.metadata).sort()).toEqual(Object.entries(metadata).sort());
    }),
  );
});

test('more than the service keeps is refused before it is sent', () => {
  expect(() => toBlobMetadata(writeId, { note: 'x'.repeat(8192) })).toThrow(
    expect.objectContaining({ code: 'invalid-argument' }),
  );
});

test('what another tool left under our name is passed by', () => {
  expect(fromBlobMetadata({ a: '1', fieldfile_metadata: '%%%' })).toEqual({ metadata: { a: '1' } });
});
