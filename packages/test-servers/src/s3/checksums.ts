import { createHash } from 'node:crypto';
import { type CrcName, combineCrc, POLYNOMIALS, type RunningChecksum, runningCrc } from './crc.ts';
import { S3Error } from './s3-error.ts';

const LENGTHS = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 } as const;

/** The algorithms of `x-amz-checksum-…`. */
export type ChecksumAlgorithm = keyof typeof LENGTHS;

/** Over the whole content, or over the checksums of its parts. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

/** A checksum as S3 keeps it with an object or part. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; `…-3` for a composite of three parts. */
  readonly value: string;
  readonly type: ChecksumType;
}

/** Starts a checksum. */
export function runningChecksum(algorithm: ChecksumAlgorithm): RunningChecksum {
  if (isCrc(algorithm)) return runningCrc(algorithm);
  const hash = createHash(algorithm.toLowerCase());
  return { update: bytes => void hash.update(bytes), digest: () => hash.digest() };
}

/** `x-amz-checksum-crc32` and its siblings. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** The algorithm of an `x-amz-checksum-…` name. */
export function algorithmOfHeader(name: string): ChecksumAlgorithm | undefined {
  return ALGORITHMS.find(algorithm => checksumHeader(algorithm) === name);
}

const ALGORITHMS = Object.keys(LENGTHS) as ChecksumAlgorithm[];

/** @throws `InvalidRequest` for a name S3 does not know. */
export function readAlgorithm(name: string): ChecksumAlgorithm {
  const found = ALGORITHMS.find(algorithm => algorithm === name.toUpperCase());
  if (found === undefined)
    throw new S3Error(
      'InvalidRequest',
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
    );
  return found;
}

/**
 * The one checksum among the headers of a request.
 *
 * @throws `InvalidRequest` for two of them, or a value that is none.
 */
export function givenChecksum(
  headers: ReadonlyMap<string, string>,
): { readonly algorithm: ChecksumAlgorithm; readonly value: string } | undefined {
  const given = ALGORITHMS.filter(algorithm => headers.has(checksumHeader(algorithm)));
  const [algorithm] = given;
  if (algorithm === undefined) return undefined;
  if (given.length > 1)
    throw new S3Error(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  const value = headers.get(checksumHeader(algorithm)) ?? '';
  checkChecksumForm(algorithm, value);
  return { algorithm, value };
}

/** @throws `InvalidRequest` */
export function checkChecksumForm(algorithm: ChecksumAlgorithm, value: string): void {
  if (Buffer.from(value, 'base64').length !== LENGTHS[algorithm])
    throw new S3Error('InvalidRequest', `Value for ${checksumHeader(algorithm)} header is invalid.`);
}

/**
 * The checksum of an object made of parts.
 *
 * @throws `InvalidRequest` where the algorithm has no checksum of that type.
 */
export function checksumOfParts(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly { readonly checksum: Buffer; readonly size: number }[],
): Checksum {
  if (type === 'COMPOSITE') {
    const running = runningChecksum(algorithm);
    for (const part of parts) running.update(part.checksum);
    return { algorithm, type, value: `${running.digest().toString('base64')}-${parts.length}` };
  }
  if (!isCrc(algorithm)) throw noSuchType(algorithm, type);
  const [first, ...others] = parts;
  const whole = others.reduce(
    (checksum, part) => combineCrc(algorithm, checksum, part.checksum, part.size),
    first?.checksum ?? Buffer.alloc(LENGTHS[algorithm]),
  );
  return { algorithm, type, value: whole.toString('base64') };
}

/**
 * The type of a multipart upload's checksum.
 *
 * @throws `InvalidRequest` for SHA checksums of whole objects and composite CRC64NVME.
 */
export function readChecksumType(algorithm: ChecksumAlgorithm, given: string | undefined): ChecksumType {
  const type = given ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  if (type === 'FULL_OBJECT' && isCrc(algorithm)) return type;
  if (type === 'COMPOSITE' && algorithm !== 'CRC64NVME') return type;
  throw noSuchType(algorithm, type);
}

function noSuchType(algorithm: ChecksumAlgorithm, type: string): S3Error {
  return new S3Error(
    'InvalidRequest',
    `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
  );
}

function isCrc(algorithm: ChecksumAlgorithm): algorithm is CrcName {
  return algorithm in POLYNOMIALS;
}
