import { type CallOptions, FieldFileError, isFieldFileError, type ObjectInfo } from '@fieldfile/storage';
import { findWrite, reported } from '@fieldfile/storage/internal';
import type { StoredPart } from '@fieldfile/storage/parts';
import type { AnyFileField } from '../field/file-field.ts';
import type { ClientPart } from './claim.ts';
import { type ClaimedPartsOptions, type OpenedParts, openedParts } from './claim-parts.ts';
import { type SignedParts, sealClaim } from './claim-token.ts';
import { uploadId } from './claimed-object.ts';
import { lostClaim, requireJournal, takeBack } from './journaled-claim.ts';
import { partSize, writeOf } from './signed-parts.ts';

export interface CompletePartsOptions extends ClaimedPartsOptions {
  /** The parts that make the file, from 1 on. Default: what the storage lists, which costs one request more. */
  readonly parts?: readonly ClientPart[];
}

/**
 * Makes the object of a claim's parts. Asked again, it gives the same.
 *
 * @returns the token to redeem: it says what was made, so that `field.redeem` need not ask for it.
 * @throws as `signParts`; `integrity` for parts that are not all of the file, or not there as they were answered; `too-large`.
 */
export async function completeParts(
  given: AnyFileField,
  token: string,
  { for: user, parts: told, ...call }: CompletePartsOptions,
): Promise<{ readonly token: string }> {
  const opened = openedParts(given, token, user);
  const { field, storage, claim } = opened;
  const info = await madeOf(opened, told, call).catch(async error => {
    if (isFieldFileError(error, 'too-large')) await reported(async () => void (await takenBack(opened)));
    throw error;
  });
  const { version, sizeBytes, digest, contentEncoding } = info;
  return {
    token: sealClaim(field, storage, user, {
      ...claim,
      made: {
        ...{ version, sizeBytes },
        ...(digest ? { digest } : {}),
        ...(contentEncoding === undefined ? {} : { contentEncoding }),
      },
    }),
  };
}

/**
 * The parts that are stored. Of an upload that is complete already, those that a client counts: it has nothing more to send, and
 * asks for its completion again.
 *
 * @throws as `signParts`.
 */
export async function listedParts(
  given: AnyFileField,
  token: string,
  { for: user, ...call }: ClaimedPartsOptions,
): Promise<readonly StoredPart[]> {
  const opened = openedParts(given, token, user);
  const { claim, signed, parts } = opened;
  try {
    const stored = await parts.listParts(writeOf(claim, signed), call);
    return stored.filter(({ number, sizeBytes }) => sizeBytes === (partSize(signed, number) ?? sizeBytes));
  } catch (error) {
    if (!isFieldFileError(error, 'conflict')) throw error;
    const { sizeBytes, version } = await foundOr(opened, call, lostClaim(opened.field, claim.name));
    const partBytes = signed.partBytes;
    return Array.from({ length: Math.max(1, Math.ceil(sizeBytes / partBytes)) }, (_, index) => ({
      ...{ number: index + 1, receipt: version },
      sizeBytes: Math.min(partBytes, sizeBytes - index * partBytes),
    }));
  }
}

/** Takes back a claim that no row has. @returns false where a row has it, or it has ended before. */
export async function endParts(
  given: AnyFileField,
  token: string,
  { for: user }: ClaimedPartsOptions,
): Promise<boolean> {
  return takenBack(openedParts(given, token, user));
}

const takenBack = ({ field, claim, storage }: OpenedParts): Promise<boolean> =>
  takeBack(requireJournal(field, 'claim'), storage, claim.name, claim.id, 'withdraw');

/** The object, made of the parts that the client tells of. @throws as {@link completeParts}. */
export async function madeOf(
  opened: OpenedParts,
  told: readonly ClientPart[] | undefined,
  call: CallOptions,
): Promise<ObjectInfo> {
  const { field, claim, signed, parts } = opened;
  const write = writeOf(claim, signed);
  try {
    const isCounted = told !== undefined && signed.sizeBytes !== null;
    const chosen = isCounted
      ? counted(opened, told)
      : among(opened, await parts.listParts(write, call), told);
    return await parts.complete(write, chosen, call);
  } catch (error) {
    if (isFieldFileError(error, 'conflict', 'precondition'))
      return foundOr(opened, call, error.retryable ? error : lostClaim(field, claim.name));
    if (isFieldFileError(error, 'integrity')) return foundOr(opened, call, error);
    throw error;
  }
}

/** Whose lengths were signed: nothing has to be asked. */
function counted({ field, signed }: OpenedParts, told: readonly ClientPart[]): readonly StoredPart[] {
  const inOrder = inOrderOf(field.label, told);
  if (inOrder.length !== signed.count) throw incomplete(field.label, signed);
  return inOrder.map(({ number, receipt }) => ({
    ...{ number, receipt },
    sizeBytes: partSize(signed, number) ?? 0,
  }));
}

/** Those of the stored parts that the client tells of; all of them where it tells of none. */
function among(
  { field, signed }: OpenedParts,
  stored: readonly StoredPart[],
  told: readonly ClientPart[] = stored,
): readonly StoredPart[] {
  const { label, rules } = field;
  const found = new Map(stored.map(part => [part.number, part]));
  const chosen = inOrderOf(label, told).map(({ number, receipt }) => {
    const part = found.get(number);
    if (part?.receipt === receipt && part.sizeBytes === (partSize(signed, number) ?? part.sizeBytes))
      return part;
    throw notAsTold(label, number);
  });
  if (chosen.length === 0 || (signed.sizeBytes !== null && chosen.length !== signed.count))
    throw incomplete(label, signed);
  const sizeBytes = chosen.reduce((sum, part) => sum + part.sizeBytes, 0);
  const mostBytes = Math.min(
    signed.mostBytes ?? Number.POSITIVE_INFINITY,
    rules.maxSizeBytes ?? Number.POSITIVE_INFINITY,
  );
  if (sizeBytes <= mostBytes) return chosen;
  throw new FieldFileError(
    'too-large',
    `The parts for ${label} have ${sizeBytes} bytes, and it takes ${mostBytes} at the most (claim).`,
    { operation: 'claim', field: label, applied: false },
  );
}

/** An application hands on what a client has sent, whatever that is. */
function inOrderOf(label: string, told: readonly ClientPart[]): readonly ClientPart[] {
  if (!Array.isArray(told) || !told.every(isPart)) throw noParts(label);
  const inOrder = told.toSorted((one, other) => one.number - other.number);
  for (const [index, { number, receipt }] of inOrder.entries())
    if (number !== index + 1 || !/^[!-~]{1,200}(?: [!-~]{1,200})?$/.test(receipt))
      throw notAsTold(label, index + 1);
  return inOrder;
}

function isPart(given: unknown): given is ClientPart {
  const { number, receipt } = (given ?? {}) as Partial<ClientPart>;
  return typeof number === 'number' && typeof receipt === 'string';
}

async function foundOr(
  { storage, claim }: OpenedParts,
  call: CallOptions,
  error: FieldFileError,
): Promise<ObjectInfo> {
  const found = await findWrite(storage, claim.name, uploadId(claim.id), call);
  if (found) return found;
  throw error;
}

const noParts = (label: string): FieldFileError =>
  new FieldFileError(
    'invalid-argument',
    `The parts of the upload for ${label} must be a list of a number and a receipt each (claim).`,
    { operation: 'claim', field: label },
  );

const notAsTold = (label: string, number: number): FieldFileError =>
  new FieldFileError(
    'integrity',
    `Part ${number} of the upload for ${label} is not there as the client was answered for it: send it again (claim).`,
    { operation: 'claim', field: label, applied: false },
  );

const incomplete = (label: string, { count, sizeBytes }: SignedParts): FieldFileError =>
  new FieldFileError(
    'integrity',
    sizeBytes === null
      ? `The upload for ${label} has no part yet (claim).`
      : `The upload for ${label} has parts 1 to ${count}, and not all of them were told of (claim).`,
    { operation: 'claim', field: label, applied: false },
  );
