import {
  canSignUploads,
  FieldFileError,
  type ObjectWrite,
  type SignedUpload,
  type Storage,
  type WriteId,
} from '@fieldfile/storage';
import { knownOptions, throwIfAborted } from '@fieldfile/storage/backend';
import { reported } from '@fieldfile/storage/internal';
import { withIntent } from '../change/intent.ts';
import { needsRow } from '../change/stage-file.ts';
import type { DeclaredField } from '../field/declared-field.ts';
import { requireHarmless } from '../field/inspected.ts';
import { type DescribedContent, describedContent } from '../field/named-content.ts';
import type { Journal } from '../journal/journal.ts';
import { KeyOnlyRef } from '../ownership/owner-ref.ts';
import type { ClaimOptions, UploadClaim } from './claim.ts';
import { type ClaimedUpload, requireClaimKeys, sealClaim } from './claim-token.ts';
import { undoClaim, uploadId } from './claimed-object.ts';

const EXPIRES_SECONDS = 3600;

/** Signatures end at whole seconds, rounded up: what the journal ends must not be uploaded after that. */
const ROUNDED_MS = 1000;

/** `field.claim`: holds a name, and signs the upload that takes its place. The journal ends what nobody redeems. */
export async function claimUpload(field: DeclaredField, options: ClaimOptions): Promise<UploadClaim> {
  checkClaimOptions(field.label, options);
  const { sizeBytes, digest, signal, expiresInSeconds = EXPIRES_SECONDS } = options;
  const { keepSeconds = expiresInSeconds + 3600 } = options;
  if (field.needsRow) throw needsRow(field, 'claim');
  requireClaimKeys(field);
  const journal = requireJournal(field, 'claim');
  const named = describedContent({ ...options, name: options.filename }, field.rules);
  const contentType = named.contentType ?? 'application/octet-stream';
  const { storage } = field;
  const name = await field.objectName(undefined, named.originalName, storage);
  requireHarmless(name, named);
  const { holder, id } = await holdName(field, storage, name, options);
  try {
    const upload = await signOver(field, storage, holder.name, {
      expiresInSeconds,
      exactBytes: sizeBytes,
      contentType,
      ...(digest ? { digest } : {}),
      replaces: { version: holder.info.version, writeId: uploadId(id) },
    });
    const untilMs = Date.now() + keepSeconds * 1000 + ROUNDED_MS;
    const token = sealClaim(field, options.for, {
      ...claimed(holder, id, named, upload),
      ...{ contentType, sizeBytes, untilMs },
      ...(digest ? { digest: { algorithm: digest.algorithm, base64: digest.base64 } } : {}),
    });
    throwIfAborted(signal, 'claim');
    await journal.handBack(id, Math.max(0, untilMs - Date.now()));
    return { upload, token };
  } catch (error) {
    await reported(async () => void (await takeBack(journal, storage, holder.name, id)));
    throw error;
  }
}

/** @throws `unsupported` without one: nothing else ends what nobody redeems, or tells whether a row has it. */
export function requireJournal(field: DeclaredField, operation: string): Journal {
  const { journal } = field.model.binding ?? {};
  if (journal) return journal;
  throw new FieldFileError(
    'unsupported',
    `${field.label} has no journal, which alone ends uploads that nobody redeems: give its binding one (${operation}).`,
    { operation, field: field.label },
  );
}

/** Its length is not that of the upload, so that its own bytes cannot be uploaded: they would have its ETag. */
export async function holdName(
  field: DeclaredField,
  storage: Storage,
  name: string,
  { sizeBytes, signal }: { readonly sizeBytes?: number; readonly signal?: AbortSignal },
): Promise<{ readonly holder: ObjectWrite; readonly id: WriteId }> {
  const target = { field, ref: new KeyOnlyRef(undefined) };
  const { stored, intent } = await withIntent(
    target,
    storage,
    journaled =>
      storage.create(name, heldText(journaled.writeId, sizeBytes), {
        ...journaled,
        contentType: 'application/octet-stream',
        maxLength: field.maxLength,
        ...(signal ? { signal } : {}),
      }),
    'claim',
  );
  return { holder: stored, id: intent ?? stored.writeId };
}

function heldText(writeId: WriteId | undefined, sizeBytes: number | undefined): string {
  const text = `FieldFile holds this name for the upload of claim ${writeId}.\n`;
  return text.length === sizeBytes ? `${text}\n` : text;
}

/** @throws `unsupported` where the storage cannot sign an upload that is verified before a row names it. */
async function signOver(
  field: DeclaredField,
  storage: Storage,
  name: string,
  options: Parameters<Storage['signedUpload']>[1],
): Promise<SignedUpload> {
  if (canSignUploads(storage)) return storage.signedUpload(name, options);
  throw new FieldFileError(
    'unsupported',
    `The storage "${storage.id}" of ${field.label} signs no uploads: see its options for URLs (claim).`,
    { operation: 'claim', field: field.label, storage: storage.id },
  );
}

function claimed(
  { name, info }: ObjectWrite,
  id: WriteId,
  { originalName }: DescribedContent,
  { headers, enforced }: SignedUpload,
): Omit<ClaimedUpload, 'contentType' | 'sizeBytes' | 'untilMs'> {
  const contentEncoding = headers['content-encoding'] ?? headers['x-ms-blob-content-encoding'];
  return {
    ...{ id, name, version: info.version, originalName },
    ...(contentEncoding === undefined ? {} : { contentEncoding }),
    ...(enforced.has('type') ? {} : { isTypeOpen: true as const }),
  };
}

/**
 * Ends a claim that no row has.
 *
 * @param by `release`: nothing was given out. `withdraw`: it waits to be redeemed.
 * @returns false where a row has it, or it has ended before.
 */
export async function takeBack(
  journal: Journal,
  storage: Storage,
  name: string,
  id: WriteId,
  by: 'release' | 'withdraw' = 'release',
): Promise<boolean> {
  if (!(await journal[by](id))) return false;
  try {
    await undoClaim(storage, name, id);
    await journal.end(id);
    return true;
  } catch (error) {
    await journal.postpone(id, 1000, error);
    throw error;
  }
}

const OPTIONS = [
  'filename',
  'sizeBytes',
  'contentType',
  'digest',
  'for',
  'expiresInSeconds',
  'keepSeconds',
  'signal',
] as const;

/** In base64, without what fills it up. */
const DIGEST_LETTERS: ReadonlyMap<unknown, number> = new Map([
  ['sha256', 43],
  ['md5', 22],
  ['crc32', 6],
  ['crc32c', 6],
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
  const { filename, sizeBytes, contentType, digest, expiresInSeconds = EXPIRES_SECONDS } = options;
  const { keepSeconds = expiresInSeconds } = options;
  if (typeof filename !== 'string') refuse('filename', 'text');
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) refuse('sizeBytes', 'a whole number of bytes');
  requireType(field, contentType);
  requireUser(field, 'claim', options.for);
  if (!Number.isSafeInteger(expiresInSeconds) || expiresInSeconds < 1)
    refuse('expiresInSeconds', 'a whole number of seconds above 0');
  if (!Number.isFinite(keepSeconds) || keepSeconds < expiresInSeconds)
    refuse('keepSeconds', 'no shorter than expiresInSeconds');
  if (digest === undefined) return;
  const { algorithm, base64 } = (digest ?? {}) as { readonly algorithm?: unknown; readonly base64?: unknown };
  const letters = DIGEST_LETTERS.get(algorithm);
  if (letters === undefined) refuse('digest.algorithm', `one of ${[...DIGEST_LETTERS.keys()].join(', ')}`);
  if (typeof base64 !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) refuse('digest', 'in base64');
  else if (base64.replace(/=+$/, '').length !== letters) refuse('digest', `a whole ${algorithm} in base64`);
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
