import { FieldFileError, type Storage, type WriteId } from '@fieldfile/storage';
import { knownOptions } from '@fieldfile/storage/backend';
import { type PartedWrite, type PartLimits, type StorageParts, storageParts } from '@fieldfile/storage/parts';
import type { DeclaredField } from '../field/declared-field.ts';
import type { AnyFileField } from '../field/file-field.ts';
import { describedContent } from '../field/named-content.ts';
import type { ClaimOptions } from './claim.ts';
import { requireType, requireUser } from './claim-options.ts';
import { type ClaimedInPieces, isInPieces, openClaim } from './claim-token.ts';
import { progressName, uploadId } from './claimed-object.ts';
import { holdForParts } from './hold-for-parts.ts';
import { lostClaim, requireClaims, requireJournal, takeBack } from './journaled-claim.ts';

/** What is known of a file before its first piece comes. */
export interface BeginUploadOptions
  extends Pick<ClaimOptions, 'filename' | 'contentType' | 'for' | 'signal'> {
  /** Where the client knows it. It is held against the field's limit, and not kept. */
  readonly sizeBytes?: number;
  /** How long it may take, until a row has the file. */
  readonly keepSeconds: number;
  /**
   * It is a piece of another upload: it is not what the field takes, has neither name nor type of the client's, since nobody
   * looks at what it is, and cannot be redeemed. Default: false.
   */
  readonly isPiece?: boolean;
}

/** A claim whose bytes the application takes itself, piece by piece. */
export interface UploadInPieces {
  readonly storage: Storage;
  readonly parts: StorageParts;
  readonly name: string;
  readonly writeId: WriteId;
  /** The object in which whoever takes the pieces writes down how far they came. It goes when the upload ends, whichever way. */
  readonly progressName: string;
  /** In milliseconds since 1970. */
  readonly untilMs: number;
  readonly isPiece: boolean;
}

/** What is known of it when it begins, and not later. */
export interface BegunUpload {
  readonly upload: UploadInPieces;
  readonly write: PartedWrite;
  /** `field.redeem` makes a file of it once the write is complete. */
  readonly token: string;
}

/**
 * Holds a name for a file that comes piece by piece. The journal ends what nobody redeems.
 *
 * @throws as `field.claim`; `unsupported` where the storage puts no objects together of parts.
 */
export async function beginUpload(given: AnyFileField, options: BeginUploadOptions): Promise<BegunUpload> {
  const field = given as unknown as DeclaredField;
  const about = { operation: 'claim', field: field.label };
  knownOptions(options, OPTIONS, { ...about, what: 'beginUpload' });
  requireUser(field.label, 'claim', options.for);
  requireType(field.label, options.contentType);
  requireClaims(field);
  const { filename, contentType: type, sizeBytes, isPiece = false, signal, keepSeconds } = options;
  const named = isPiece
    ? describedContent(
        { name: 'piece', sizeBytes },
        { label: field.label, accept: undefined, maxSizeBytes: undefined },
      )
    : describedContent({ name: filename, contentType: type, sizeBytes }, field.rules);
  const { storage } = field;
  const parts = requireParts(field, storage);
  const holding = { for: options.for, ...(signal ? { signal } : {}), keepSeconds };
  const { claim, write, token } = await holdForParts(field, parts, named, holding, () => ({
    inPieces: isPiece ? 'piece' : 'file',
  }));
  return { upload: uploadOf(claim, storage, parts), write, token };
}

/**
 * The upload of a token.
 *
 * @throws `permission` for a text that is no such token, or another user's; `intent-lost` when its time is over.
 */
export function openUpload(given: AnyFileField, token: string, user: string): UploadInPieces {
  const field = given as unknown as DeclaredField;
  requireUser(field.label, 'claim', user);
  const claim = openClaim(field, user, token);
  if (!isInPieces(claim) || claim.version)
    throw new FieldFileError(
      'permission',
      `The token is of a claim whose bytes do not come in pieces (${field.label}).`,
      { operation: 'claim', field: field.label },
    );
  if (Date.now() >= claim.untilMs) throw lostClaim(field, claim.name);
  const { storage } = field;
  return uploadOf(claim, storage, requireParts(field, storage));
}

/** Takes back an upload that no row has. @returns false where a row has it, or it has ended before. */
export async function endUpload(
  given: AnyFileField,
  { storage, name, writeId }: UploadInPieces,
): Promise<boolean> {
  const field = given as unknown as DeclaredField;
  return takeBack(requireJournal(field, 'claim'), storage, name, claimOf(writeId), 'withdraw');
}

/** The parts that uploads of a field can have. @throws as {@link beginUpload}. */
export function partLimits(given: AnyFileField): PartLimits {
  const field = given as unknown as DeclaredField;
  return requireParts(field, field.storage).limits;
}

/** The most bytes that a field takes. */
export function mostBytes(given: AnyFileField): number | undefined {
  return (given as unknown as DeclaredField).rules.maxSizeBytes;
}

const OPTIONS = ['filename', 'sizeBytes', 'contentType', 'for', 'keepSeconds', 'isPiece', 'signal'] as const;

const SUFFIX = uploadId('' as WriteId);

const claimOf = (writeId: WriteId): WriteId => writeId.slice(0, -SUFFIX.length) as WriteId;

const uploadOf = (
  { id, name, untilMs, inPieces }: ClaimedInPieces,
  storage: Storage,
  parts: StorageParts,
): UploadInPieces => ({
  ...{ storage, parts, name, writeId: uploadId(id), progressName: progressName(id), untilMs },
  isPiece: inPieces === 'piece',
});

export function requireParts({ label }: DeclaredField, storage: Storage): StorageParts {
  const parts = storageParts(storage);
  if (parts) return parts;
  throw new FieldFileError(
    'unsupported',
    `The storage "${storage.id}" of ${label} puts no objects together of parts (claim).`,
    { operation: 'claim', field: label, storage: storage.id },
  );
}
