import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ComputableDigest, runningDigest } from './digest.ts';

function reference(algorithm: ComputableDigest, bytes: Uint8Array): string {
  if (algorithm !== 'crc32') return createHash(algorithm).update(bytes).digest('base64');
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value.toString('base64');
}

test.each<ComputableDigest>(['sha256', 'md5', 'crc32'])('%s of chunks is that of the whole', algorithm => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 })), chunks => {
      const digest = runningDigest(algorithm);
      for (const chunk of chunks) digest.update(chunk);
      expect(digest.base64()).toBe(reference(algorithm, Buffer.concat(chunks)));
    }),
  );
});

test('a digest nobody here can compute is unsupported', () => {
  expect(() => runningDigest('crc64nvme')).toThrow(expect.objectContaining({ code: 'unsupported' }));
});
