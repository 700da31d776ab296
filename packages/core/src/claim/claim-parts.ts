import { type CallOptions, FieldFileError, type Storage } from '@fieldfile/storage';
import { type PartLimits, type SignedPart, type StorageParts, storageParts } from '@fieldfile/storage/parts';
import type { DeclaredField } from '../field/declared-field.ts';
import type { AnyFileField } from '../field/file-field.ts';
import { describedContent } from '../field/named-content.ts';
import type { ClaimOptions, PartsClaim } from './claim.ts';
import { checkClaimOptions, EXPIRES_SECONDS, requireUser } from './claim-options.ts';
import { type ClaimedInPieces, isInPieces, openClaim, type SignedParts } from './claim-token.ts';
import { holdForParts } from './hold-for-parts.ts';
import { lostClaim, requireClaims } from './journaled-claim.ts';
import { partCount, partSize, writeOf } from './signed-parts.ts';
import { requireParts } from './upload-in-pieces.ts';

const PART_BYTES = 16 * 1024 * 1024;

export interface ClaimPartsOptions extends Omit<ClaimOptions, 'sizeBytes'> {
  /**
   * Exactly, so that the length of each part is signed. Left out where the client does not say it beforehand: then parts may have
   * any length, `completeParts` counts them, and `field.redeem` takes what that gives.
   */
  readonly sizeBytes?: number;
  /** The most bytes where `sizeBytes` is left out, beside the field's own `maxSizeBytes`. Default: no other limit. */
  readonly maxBytes?: number;
  /** The length of all parts but the last. It is made larger where the storage takes fewer or larger parts. Default: 16 MiB. */
  readonly partBytes?: number;
}

/** Whose claim it is. */
export interface ClaimedPartsOptions extends CallOptions {
  readonly for: string;
}

export interface SignPartsOptions extends ClaimedPartsOptions {
  readonly numbers: readonly number[];
  /**
   * Where the claim has `partDigest`: that of each of these parts by its number, as base64 of its four bytes. The client has computed
   * it.
   */
  readonly digests?: Readonly<Record<number, string>>;
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

/** One part of a file whose size may not be known. */
export type PartRequest = Pick<ClaimedPart, 'number' | 'request'>;

/** Whether clients can send parts of a field's files. */
export const signsParts = ({ storage }: AnyFileField): boolean => storageParts(storage)?.canSign === true;

/**
 * Holds a name for a large file that a client sends in parts. `field.redeem` makes an object of them and verifies it, as of any
 * claim; the journal ends what nobody redeems.
 *
 * @throws as `field.claim`; `unsupported` where the storage signs no parts; `too-large` where they cannot be that many.
 */
export async function claimParts(given: AnyFileField, options: ClaimPartsOptions): Promise<PartsClaim> {
  const field = given as unknown as DeclaredField;
  const { partBytes: wanted, maxBytes, ...claiming } = options;
  checkClaimOptions(field.label, { sizeBytes: 0, ...claiming });
  const { sizeBytes, digest, partDigest, signal, expiresInSeconds = EXPIRES_SECONDS } = claiming;
  const { keepSeconds = expiresInSeconds + 3600 } = claiming;
  requireClaims(field);
  const named = describedContent({ ...claiming, name: claiming.filename }, field.rules);
  const parts = requireSigning(field, field.storage);
  const sizes =
    sizeBytes === undefined
      ? openSizes(field, maxBytes, parts.limits)
      : exactSizes(field, wanted ?? PART_BYTES, sizeBytes, parts.limits);
  const holding = {
    ...{ for: claiming.for, keepSeconds, byClients: true },
    ...(signal ? { signal } : {}),
    ...(partDigest ? { partDigest } : {}),
  };
  const { token, write } = await holdForParts(field, parts, named, holding, write => ({
    inPieces: 'file',
    signed: { ...sizes, write: write.id },
    ...(digest ? { digest: { algorithm: digest.algorithm, base64: digest.base64 } } : {}),
  }));
  return {
    ...{ token, partBytes: sizes.partBytes, partCount: sizes.count },
    ...(write.partDigest ? { partDigest: write.partDigest } : {}),
  };
}

/**
 * The requests by which the client of a claim sends parts. A part may be sent, and signed, again until the claim is redeemed.
 *
 * @throws `permission` for a text that is no such token, or another user's; `intent-lost` when its time is over;
 * `invalid-argument` for a number that it has not, for a part without the digest that it needs, or with what is none, and where the
 * file's size was not said (see {@link partRequests}).
 */
export async function signParts(
  given: AnyFileField,
  token: string,
  options: SignPartsOptions,
): Promise<readonly ClaimedPart[]> {
  const opened = openedParts(given, token, options.for);
  const { field, signed } = opened;
  const requests = await requestsOf(opened, options);
  return requests.map(one => {
    const sizeBytes = partSize(signed, one.number);
    if (sizeBytes === undefined) throw invalid(field, 'was claimed without its size: take partRequests');
    return { ...one, offset: (one.number - 1) * signed.partBytes, sizeBytes };
  });
}

/** As {@link signParts}, also for a file that was claimed without its size: its parts may have any length. */
export async function partRequests(
  given: AnyFileField,
  token: string,
  options: SignPartsOptions,
): Promise<readonly PartRequest[]> {
  return requestsOf(openedParts(given, token, options.for), options);
}

async function requestsOf(
  { field, claim, signed, parts }: OpenedParts,
  { for: _, numbers, digests, expiresInSeconds = EXPIRES_SECONDS, ...call }: SignPartsOptions,
): Promise<readonly PartRequest[]> {
  if (!Array.isArray(numbers)) throw invalid(field, 'has numbers of parts, which come in a list');
  const leftSeconds = Math.floor((claim.untilMs - Date.now()) / 1000);
  const write = writeOf(claim, signed);
  const { count, partBytes } = signed;
  return Promise.all(
    numbers.map(async number => {
      if (!Number.isSafeInteger(number) || number < 1 || number > count)
        throw invalid(field, `has parts 1 to ${count}, and no part ${number}`);
      const base64 = digests?.[number];
      const request = await parts.signPart(
        write,
        { number, offset: (number - 1) * partBytes },
        {
          ...call,
          sizeBytes: partSize(signed, number),
          ...(base64 === undefined ? {} : { digest: { algorithm: 'crc32', base64 } }),
          expiresInSeconds: Math.max(1, Math.min(expiresInSeconds, leftSeconds)),
        },
      );
      return { number, request };
    }),
  );
}

const invalid = ({ label }: DeclaredField, what: string): FieldFileError =>
  new FieldFileError('invalid-argument', `The upload for ${label} ${what} (claim).`, {
    operation: 'claim',
    field: label,
  });

/** The numbers of the parts that are stored whole: who was interrupted sends the others. @throws as {@link signParts}. */
export async function storedParts(
  given: AnyFileField,
  token: string,
  { for: user, ...call }: ClaimedPartsOptions,
): Promise<readonly number[]> {
  const { claim, signed, parts } = openedParts(given, token, user);
  const stored = await parts.listParts(writeOf(claim, signed), call);
  return stored
    .filter(
      ({ number, sizeBytes }) =>
        number <= signed.count && sizeBytes === (partSize(signed, number) ?? sizeBytes),
    )
    .map(({ number }) => number);
}

/** A claim whose parts a client sends, and where they are. */
export interface OpenedParts {
  readonly field: DeclaredField;
  readonly claim: ClaimedInPieces;
  readonly signed: SignedParts;
  readonly storage: Storage;
  readonly parts: StorageParts;
}

/** @throws as {@link signParts}. */
export function openedParts(given: AnyFileField, token: string, user: string): OpenedParts {
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
  return partsOf(field, claim, claim.signed);
}

export function partsOf(field: DeclaredField, claim: ClaimedInPieces, signed: SignedParts): OpenedParts {
  const { storage } = field;
  return { field, claim, signed, storage, parts: requireSigning(field, storage) };
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

/** Which parts a file of a size that is known has. */
function exactSizes(
  field: DeclaredField,
  wanted: number,
  sizeBytes: number,
  { minPartBytes, maxPartBytes, maxParts }: PartLimits,
): Omit<SignedParts, 'write'> {
  requireBytes(field, 'partBytes', wanted);
  const partBytes = Math.max(wanted, minPartBytes, Math.ceil(sizeBytes / maxParts));
  if (partBytes <= maxPartBytes) return { sizeBytes, partBytes, count: partCount(sizeBytes, partBytes) };
  const { label } = field;
  throw new FieldFileError(
    'too-large',
    `A file of ${sizeBytes} bytes would have parts of ${partBytes} bytes, and the storage of ${label} takes ${maxPartBytes} at the most (claim).`,
    { operation: 'claim', field: label },
  );
}

/** Which parts a file can have at the most. */
function openSizes(
  field: DeclaredField,
  maxBytes: number | undefined,
  { minPartBytes, maxParts }: PartLimits,
): Omit<SignedParts, 'write'> {
  if (maxBytes !== undefined) requireBytes(field, 'maxBytes', maxBytes);
  const most = Math.min(
    maxBytes ?? Number.POSITIVE_INFINITY,
    field.rules.maxSizeBytes ?? Number.POSITIVE_INFINITY,
  );
  return {
    ...{ sizeBytes: null, partBytes: minPartBytes, count: Math.min(maxParts, partCount(most, minPartBytes)) },
    ...(Number.isFinite(most) ? { mostBytes: most } : {}),
  };
}

function requireBytes({ label }: DeclaredField, option: string, bytes: number): void {
  if (Number.isSafeInteger(bytes) && bytes >= 1) return;
  throw new FieldFileError(
    'invalid-argument',
    `${option} of a claim for ${label} must be a whole number of bytes above 0.`,
    { operation: 'claim', field: label },
  );
}
