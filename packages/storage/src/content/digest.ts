import { FieldFileError } from '../errors/field-file-error.ts';
import { crc32c } from './crc32c.ts';
import type { RunningDigest } from './running-digest.ts';

/** The digests that can be computed on a stream. */
export type ComputableDigest = 'sha256' | 'md5' | 'crc32' | 'crc32c';

const COMPUTABLE: readonly string[] = [
  'sha256',
  'md5',
  'crc32',
  'crc32c',
] satisfies readonly ComputableDigest[];

export const isComputable = (algorithm: string): boolean => COMPUTABLE.includes(algorithm);

/** @throws `unsupported` on a runtime without `node:crypto` and `node:zlib` (Web Crypto cannot digest a stream). */
export function runningDigest(algorithm: string): RunningDigest {
  if (algorithm === 'crc32c') return crc32c();
  const crypto = globalThis.process?.getBuiltinModule?.('node:crypto');
  const zlib = globalThis.process?.getBuiltinModule?.('node:zlib');
  if (algorithm === 'crc32' && zlib?.crc32) {
    let value = 0;
    return {
      update: chunk => {
        value = zlib.crc32(chunk, value);
      },
      base64: () => {
        const bytes = new Uint8Array(4);
        new DataView(bytes.buffer).setUint32(0, value);
        return btoa(String.fromCharCode(...bytes));
      },
    };
  }
  if ((algorithm === 'sha256' || algorithm === 'md5') && crypto) {
    const hash = crypto.createHash(algorithm);
    return { update: chunk => void hash.update(chunk), base64: () => hash.digest('base64') };
  }
  throw new FieldFileError('unsupported', `This runtime cannot compute ${algorithm} on a stream.`, {
    operation: 'digest',
  });
}
