import { expect, test } from 'vitest';
import { Crc32c } from './crc32c.ts';

function hex(...parts: Uint8Array[]): string {
  const crc = new Crc32c();
  for (const part of parts) crc.update(part);
  return Buffer.from(crc.base64(), 'base64').toString('hex');
}

test.each([
  ['nothing', Buffer.alloc(0), '00000000'],
  ['the check value of the catalogue', Buffer.from('123456789'), 'e3069283'],
  // RFC 3720, appendix B.4
  ['32 zero bytes', Buffer.alloc(32), '8a9136aa'],
  ['32 bytes of ones', Buffer.alloc(32, 0xff), '62a8ab43'],
  ['32 rising bytes', Buffer.from(Array.from({ length: 32 }, (_, byte) => byte)), '46dd794e'],
])('crc32c of %s', (_, bytes, expected) => {
  expect(hex(bytes)).toBe(expected);
});

test('crc32c does not depend on how the bytes are cut', () => {
  const bytes = Buffer.from(Array.from({ length: 100 }, (_, index) => (index * 37) & 0xff));
  for (let cut = 0; cut <= 100; cut += 7)
    expect(hex(bytes.subarray(0, cut), bytes.subarray(cut))).toBe(hex(bytes));
});
