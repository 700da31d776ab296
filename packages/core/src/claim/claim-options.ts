import { FieldFileError } from '@fieldfile/storage';
import { knownOptions } from '@fieldfile/storage/backend';
import type { ClaimOptions } from './claim.ts';

/** For how long an upload may begin, where nothing is said. */
export const EXPIRES_SECONDS = 3600;

const OPTIONS = [
  'filename',
  'sizeBytes',
  'contentType',
  'digest',
  'partDigest',
  'for',
  'expiresInSeconds',
  'keepSeconds',
  'signal',
] as const;

/** In base64 as it is compared: filled up, and with no bits behind the last byte. */
const DIGESTS: ReadonlyMap<unknown, RegExp> = new Map([
  ['sha256', /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/],
  ['md5', /^[A-Za-z0-9+/]{21}[AQgw]==$/],
  ['crc32', /^[A-Za-z0-9+/]{5}[AQgw]==$/],
  ['crc32c', /^[A-Za-z0-9+/]{5}[AQgw]==$/],
]);

/** RFC 6838 has 127 characters of each half at the most. The token says the type, and a URL may say the token. */
const MOST_OF_TYPE = 255;

/** @throws `invalid-argument`: much of it comes from a client. */
export function checkClaimOptions(field: string, options: ClaimOptions): void {
  const about = { operation: 'claim', field };
  knownOptions(options, OPTIONS, { ...about, what: 'claim' });
  const refuse = (option: string, fix: string): never => {
    throw new FieldFileError('invalid-argument', `${option} of a claim for ${field} must be ${fix}.`, about);
  };
  const { filename, sizeBytes, contentType, digest, partDigest } = options;
  const { expiresInSeconds = EXPIRES_SECONDS } = options;
  const { keepSeconds = expiresInSeconds } = options;
  if (typeof filename !== 'string') refuse('filename', 'text');
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) refuse('sizeBytes', 'a whole number of bytes');
  requireType(field, contentType);
  requireUser(field, 'claim', options.for);
  if (!Number.isSafeInteger(expiresInSeconds) || expiresInSeconds < 1)
    refuse('expiresInSeconds', 'a whole number of seconds above 0');
  if (!Number.isFinite(keepSeconds) || keepSeconds < expiresInSeconds)
    refuse('keepSeconds', 'no shorter than expiresInSeconds');
  if (partDigest !== undefined && partDigest !== 'crc32') refuse('partDigest', "'crc32'");
  if (digest === undefined) return;
  const { algorithm, base64 } = (digest ?? {}) as { readonly algorithm?: unknown; readonly base64?: unknown };
  const form = DIGESTS.get(algorithm);
  if (!form) refuse('digest.algorithm', `one of ${[...DIGESTS.keys()].join(', ')}`);
  if (typeof base64 !== 'string' || !form?.test(base64))
    refuse('digest', `a whole ${algorithm} in base64, with its padding`);
}

/** @throws `invalid-argument` */
export function requireType(field: string, contentType: unknown): void {
  if (contentType === undefined || (typeof contentType === 'string' && contentType.length <= MOST_OF_TYPE))
    return;
  throw new FieldFileError(
    'invalid-argument',
    `contentType of a claim for ${field} must be text of up to ${MOST_OF_TYPE} characters.`,
    { operation: 'claim', field },
  );
}

/** @throws `invalid-argument` */
export function requireHow(field: string, how: unknown): void {
  if (how === 'always' || how === 'if-needed') return;
  throw new FieldFileError(
    'invalid-argument',
    `parts of a claim for ${field} must be 'always' or 'if-needed'.`,
    { operation: 'claim', field },
  );
}

/** @throws `invalid-argument` */
export function requireUser(field: string, operation: string, user: unknown): void {
  if (typeof user === 'string' && user !== '') return;
  throw new FieldFileError(
    'invalid-argument',
    `${field}: \`for\` must be the id of the user or session that uploads (${operation}).`,
    { operation, field },
  );
}
