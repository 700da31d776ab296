import { type CallOptions, isFieldFileError } from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';
import { reported } from '@fieldfile/storage/internal';
import { type StorageParts, storageParts, type UploadSession } from '@fieldfile/storage/parts';
import type { DeclaredField } from '../field/declared-field.ts';
import type { AnyFileField } from '../field/file-field.ts';
import type { ClaimOptions, SessionClaim } from './claim.ts';
import { requireUser } from './claim-options.ts';
import { type ClaimedPartsOptions, signsParts, storedParts } from './claim-parts.ts';
import { type ClaimedUpload, isInPieces, openClaim } from './claim-token.ts';
import { claimOver } from './claim-upload.ts';
import { uploadId } from './claimed-object.ts';
import { lostClaim, requireJournal, takeBack } from './journaled-claim.ts';
import { requireParts } from './upload-in-pieces.ts';

/** Whether a field's storage begins sessions, to which a client sends a file from where it stands. */
export const startsSessions = ({ storage }: Pick<AnyFileField, 'storage'>): boolean =>
  storageParts(storage)?.startsSessions === true;

/** Whether `field.claim` takes `parts` on the field's storage: a file goes to a session then, or in parts. */
export const claimsInParts = (field: AnyFileField): boolean => startsSessions(field) || signsParts(field);

/** Holds a name, and begins the session whose upload takes its place. */
export function claimSession(
  field: DeclaredField,
  { origin, ...options }: ClaimOptions & { readonly origin?: string },
): Promise<SessionClaim> {
  const { signal } = options;
  return claimOver(field, options, async (storage, name, over) => {
    const { url } = await requireParts(field, storage).startSession(name, {
      ...over,
      ...(origin === undefined ? {} : { origin }),
      ...(signal ? { signal } : {}),
    });
    return { given: { session: { url } }, said: { session: url } };
  });
}

/** What is stored of a file: the numbers of its parts, or how much a session has. */
export type StoredSoFar = { readonly stored: readonly number[] } | { readonly storedBytes: number };

/**
 * What is stored of a file that comes in parts or to a session: a client that was interrupted sends the rest.
 *
 * @throws `permission` for a text that is no such token, or another user's; `intent-lost` when the claim is over.
 */
export async function storedSoFar(
  given: AnyFileField,
  token: string,
  options: ClaimedPartsOptions,
): Promise<StoredSoFar> {
  const opened = openedSession(given, token, options.for);
  if (!opened) return { stored: await storedParts(given, token, options) };
  const { for: _, ...call } = options;
  return { storedBytes: await bytesOf(opened, call) };
}

async function bytesOf({ field, claim, session, parts }: OpenedSession, call: CallOptions): Promise<number> {
  try {
    return await parts.sessionBytes(session, call);
  } catch (error) {
    if (!isFieldFileError(error, 'conflict')) throw error;
    // A service may forget a session that has done its work.
    const { name, version, sizeBytes, id } = claim;
    const target = { version, writeId: uploadId(id) };
    if (await field.storage.uploaded(name, target, { exactBytes: sizeBytes, ...call })) return sizeBytes;
    throw lostClaim(field, name);
  }
}

/** A claim whose file goes to a session. */
export interface OpenedSession {
  readonly field: DeclaredField;
  readonly claim: ClaimedUpload;
  readonly session: UploadSession;
  readonly parts: StorageParts;
}

/** @returns undefined for the token of another claim. @throws as {@link storedSoFar}. */
export function openedSession(given: AnyFileField, token: string, user: string): OpenedSession | undefined {
  const field = given as unknown as DeclaredField;
  requireUser(field.label, 'claim', user);
  const claim = openClaim(field, user, token);
  if (isInPieces(claim) || claim.session === undefined) return undefined;
  const { name, sizeBytes, session: url, untilMs } = claim;
  if (Date.now() >= untilMs) throw lostClaim(field, name);
  const session = { name: name as ObjectName, url, sizeBytes };
  return { field, claim, session, parts: requireParts(field, field.storage) };
}

/** Takes back a claim that no row has, and ends its session. @returns false where a row has it, or it has ended before. */
export async function endSession({ field, claim, session, parts }: OpenedSession): Promise<boolean> {
  const journal = requireJournal(field, 'claim');
  const isEnded = await takeBack(journal, field.storage, claim.name, claim.id, 'withdraw');
  // Nothing can come of it any more. It is told so that nobody sends in vain.
  if (isEnded) await reported(() => parts.endSession(session));
  return isEnded;
}
