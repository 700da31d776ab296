import type { WriteId } from '@fieldfile/storage';
import { describe, expect, test } from 'vitest';
import { decodeMetadata, encodeMetadata, reservationMetadata } from './metadata.ts';

const WRITE = 'f00d' as WriteId;

describe('metadata', () => {
  test.each([
    [{ author: 'someone', 'with-dash': 'two words' }],
    [{ author: 'Zoë 猫 \u{1f600}' }],
    [{ author: ' around ', many: 'a  b', empty: '' }],
    [{ Upper: 'case', 'with space': 'x', größe: 'y', __proto: 'z', 'fieldfile-write-id': 'not yours' }],
    [{ looks: '=?UTF-8?B?YQ==?=' }],
    [{}],
  ])('goes through headers and comes back the same: %o', metadata => {
    const encoded = encodeMetadata(metadata, WRITE);
    for (const [key, value] of Object.entries(encoded)) {
      expect(key).toMatch(/^[a-z0-9._-]+$/);
      expect(value).toMatch(/^[!-~](?:[ -~]*[!-~])?$/);
    }
    expect(decodeMetadata(encoded)).toEqual({ writeId: WRITE, isReservation: false, metadata });
  });

  test('plain values are plain to other programs', () => {
    expect(encodeMetadata({ author: 'someone' }, WRITE)).toMatchObject({ author: 'someone' });
  });

  test('what other programs wrote is read', () => {
    expect(decodeMetadata({ author: '=?UTF-8?Q?Zo=C3=AB_x?=', 'fieldfile-metadata': '???' })).toEqual({
      isReservation: false,
      metadata: { author: 'Zoë x' },
    });
    expect(decodeMetadata(undefined).metadata).toEqual({});
  });

  test('a reservation is told from an object', () => {
    expect(decodeMetadata(reservationMetadata(WRITE))).toMatchObject({ writeId: WRITE, isReservation: true });
  });
});
