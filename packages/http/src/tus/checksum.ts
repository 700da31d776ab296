import { FieldFileError } from '@fieldfile/storage';
import { type RunningDigest, runningDigest } from '@fieldfile/storage/backend';
import type { Verdict } from '../resumable/append.ts';
import { malformed, TusRefusal } from './tus-refusal.ts';

/** As `Tus-Checksum-Algorithm` has them. */
export const ALGORITHMS: readonly string[] = ['sha1', 'sha256', 'md5', 'crc32'];

/**
 * `Upload-Checksum`: an algorithm and the digest of the body in base64.
 *
 * @returns undefined where there is none.
 * @throws 400 for an algorithm that is not computed here. The verdict throws 460 for another digest.
 */
export function checksumIn(headers: Headers): Verdict | undefined {
  const text = headers.get('Upload-Checksum');
  if (text === null) return undefined;
  const [algorithm = '', expected = '', ...rest] = text.trim().split(' ');
  if (!ALGORITHMS.includes(algorithm) || rest.length > 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(expected))
    throw malformed('Upload-Checksum is no digest that is computed here');
  const digest = algorithm === 'sha1' ? sha1() : runningDigest(algorithm);
  return {
    update: chunk => digest.update(chunk),
    check() {
      if (digest.base64() !== expected)
        throw new TusRefusal(460, 'checksum-mismatch', 'The bytes are not those of the checksum');
    },
  };
}

/** Storages have no use for it, and tus asks for it. */
function sha1(): RunningDigest {
  const crypto = globalThis.process?.getBuiltinModule?.('node:crypto');
  if (!crypto)
    throw new FieldFileError('unsupported', 'This runtime cannot compute sha1 on a stream.', {
      operation: 'digest',
    });
  const hash = crypto.createHash('sha1');
  return { update: chunk => void hash.update(chunk), base64: () => hash.digest('base64') };
}
