import { type CallOptions, FieldFileError, type Storage } from '@fieldfile/storage';
import type { PartLimits, SignedPart, StorageParts } from '@fieldfile/storage/parts';
import { needsRow } from '../change/stage-file.ts';
import type { DeclaredField } from '../field/declared-field.ts';
import type { AnyFileField } from '../field/file-field.ts';
import { describedContent } from '../field/named-content.ts';
import type { ClaimOptions } from './claim.ts';
import { isInPieces, openClaim, requireClaimKeys } from './claim-token.ts';
import { checkClaimOptions, requireJournal, requireUser } from './claim-upload.ts';
import { holdForParts, lostClaim } from './hold-for-parts.ts';
import { partCount, partSize, writeOf } from './signed-parts.ts';
import { requireParts } from './upload-in-pieces.ts';

const EXPIRES_SECONDS = 3600;

const PART_BYTES = 16 * 1024 * 1024;

export interface ClaimPartsOptions extends ClaimOptions {
  /** The length of all parts but the last. It is made larger where the storage takes fewer or larger parts. Default: 16 MiB. */
  readonly partBytes?: number;
}

/** A place for one file whose parts a client sends itself, straight to the storage. */
export interface PartsClaim {
  /** The client sends it back for every signature, and for `field.redeem` once all parts are stored. */
  readonly token: string;
  readonly partBytes: number;
  /** Parts have the numbers from 1 to this one. */
  readonly partCount: number;
}

/** Whose claim it is. */
export interface ClaimedPartsOptions extends CallOptions {
  readonly for: string;
}

export interface SignPartsOptions extends ClaimedPartsOptions {
  readonly numbers: readonly number[];
  /** Never longer than the claim can be redeemed. Default: 3600. */
  readonly expiresInSeconds?: number;
}

/** One part that a client is to send: these bytes of the file, in this request. */
export interface ClaimedPart {
  readonly number: number;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly request: SignedPart;
}

/**
 * Holds a name for a large file that a client sends in parts. `field.redeem` makes an object of them and verifies it, as of any
 * claim; the journal ends what nobody redeems.
 *
 * @throws as `field.claim`; `unsupported` where the storage signs no parts; `too-large` where they cannot be that many.
 */
export async function claimParts(given: AnyFileField, options: ClaimPartsOptions): Promise<PartsClaim> {
  const field = given as unknown as DeclaredField;
  const { partBytes: wanted = PART_BYTES, ...claiming } = options;
  checkClaimOptions(field.label, claiming);
  const { sizeBytes, digest, signal, expiresInSeconds = EXPIRES_SECONDS } = claiming;
  const { keepSeconds = expiresInSeconds + 3600 } = claiming;
  if (field.needsRow) throw needsRow(field, 'claim');
  requireClaimKeys(field);
  requireJournal(field, 'claim');
  const named = describedContent({ ...claiming, name: claiming.filename }, field.rules);
  const parts = requireSigning(field, field.storage);
  const partBytes = partBytesOf(field, wanted, sizeBytes, parts.limits);
  const holding = { for: claiming.for, ...(signal ? { signal } : {}), keepSeconds, byClients: true };
  const { token } = await holdForParts(field, parts, named, holding, write => ({
    inPieces: 'file',
    signed: { sizeBytes, partBytes, write: write.id },
    ...(digest ? { digest: { algorithm: digest.algorithm, base64: digest.base64 } } : {}),
  }));
  return { token, partBytes, partCount: partCount({ sizeBytes, partBytes }) };
}

/**
 * The requests by which the client of a claim sends parts. A part may be sent, and signed, again until the claim is redeemed.
 *
 * @throws `permission` for a text that is no such token, or another user's; `intent-lost` when its time is over;
 * `invalid-argument` for a number that it has not.
 */
export async function signParts(
  given: AnyFileField,
  token: string,
  { for: user, numbers, expiresInSeconds = EXPIRES_SECONDS, ...call }: SignPartsOptions,
): Promise<readonly ClaimedPart[]> {
  const { field, claim, signed, parts } = opened(given, token, user);
  const leftSeconds = Math.floor((claim.untilMs - Date.now()) / 1000);
  const write = writeOf(claim, signed);
  const count = partCount(signed);
  return Promise.all(
    numbers.map(async number => {
      if (!Number.isSafeInteger(number) || number < 1 || number > count)
        throw new FieldFileError(
          'invalid-argument',
          `The upload for ${field.label} has parts 1 to ${count}, and no part ${number} (claim).`,
          { operation: 'claim', field: field.label },
        );
      const sizeBytes = partSize(signed, number);
      const offset = (number - 1) * signed.partBytes;
      const request = await parts.signPart(
        write,
        { number, offset },
        { ...call, sizeBytes, expiresInSeconds: Math.max(1, Math.min(expiresInSeconds, leftSeconds)) },
      );
      return { number, offset, sizeBytes, request };
    }),
  );
}

/** The numbers of the parts that are stored whole: who was interrupted sends the others. @throws as {@link signParts}. */
export async function storedParts(
  given: AnyFileField,
  token: string,
  { for: user, ...call }: ClaimedPartsOptions,
): Promise<readonly number[]> {
  const { claim, signed, parts } = opened(given, token, user);
  const stored = await parts.listParts(writeOf(claim, signed), call);
  return stored
    .filter(({ number, sizeBytes }) => number <= partCount(signed) && sizeBytes === partSize(signed, number))
    .map(({ number }) => number);
}

function opened(given: AnyFileField, token: string, user: string) {
  const field = given as unknown as DeclaredField;
  requireUser(field.label, 'claim', user);
  const claim = openClaim(field, user, token);
  if (!isInPieces(claim) || !claim.signed)
    throw new FieldFileError(
      'permission',
      `The token is of a claim whose parts no client sends (${field.label}).`,
      { operation: 'claim', field: field.label },
    );
  if (Date.now() >= claim.untilMs) throw lostClaim(field, claim.name);
  const parts = requireSigning(field, field.storage);
  return { field, claim, signed: claim.signed, parts };
}

function requireSigning(field: DeclaredField, storage: Storage): StorageParts {
  const parts = requireParts(field, storage);
  if (parts.canSign) return parts;
  throw new FieldFileError(
    'unsupported',
    `The storage "${storage.id}" of ${field.label} signs no parts that clients could send: claim an upload in one request, or take the pieces yourself (claim).`,
    { operation: 'claim', field: field.label, storage: storage.id },
  );
}

function partBytesOf(
  { label }: DeclaredField,
  wanted: number,
  sizeBytes: number,
  { minPartBytes, maxPartBytes, maxParts }: PartLimits,
): number {
  if (!Number.isSafeInteger(wanted) || wanted < 1)
    throw new FieldFileError(
      'invalid-argument',
      `partBytes of a claim for ${label} must be a whole number of bytes above 0.`,
      { operation: 'claim', field: label },
    );
  const partBytes = Math.max(wanted, minPartBytes, Math.ceil(sizeBytes / maxParts));
  if (partBytes <= maxPartBytes) return partBytes;
  throw new FieldFileError(
    'too-large',
    `A file of ${sizeBytes} bytes would have parts of ${partBytes} bytes, and the storage of ${label} takes ${maxPartBytes} at the most (claim).`,
    { operation: 'claim', field: label },
  );
}
