import { type CallOptions, FieldFileError, isFieldFileError, type ObjectInfo } from '@fieldfile/storage';
import { knownOptions, type ObjectName } from '@fieldfile/storage/backend';
import { findWrite, reported } from '@fieldfile/storage/internal';
import { undoStaged } from '../change/stage-file.ts';
import type { DeclaredField } from '../field/declared-field.ts';
import type { StoredContent } from '../field/offered.ts';
import type { ClientPart, RedeemOptions } from './claim.ts';
import { requireUser } from './claim-options.ts';
import { partsOf } from './claim-parts.ts';
import {
  type AnyClaim,
  type ClaimedInPieces,
  type ClaimedUpload,
  isInPieces,
  type MadeObject,
  openClaim,
} from './claim-token.ts';
import { mayComeLate, progressName, uploadId } from './claimed-object.ts';
import { madeOf } from './complete-parts.ts';
import { type FoundUpload, foundUpload, openingOf } from './found-upload.ts';
import { lostClaim, requireJournal } from './journaled-claim.ts';
import { completedParts, settleParts } from './signed-parts.ts';
import { verifiedUpload } from './verified-upload.ts';

/**
 * `field.redeem`: what a client has uploaded, once it is known to be what was claimed. From then on it is as a staged file: one
 * row takes it. What is refused is removed at once.
 */
export async function redeemClaim(
  field: DeclaredField,
  token: string,
  options: RedeemOptions,
): Promise<StoredContent> {
  const { label, storage } = field;
  knownOptions(options, ['for', 'signal', 'parts'], { what: 'redeem', operation: 'redeem', field: label });
  requireUser(label, 'redeem', options.for);
  const journal = requireJournal(field, 'redeem');
  const claim = openClaim(field, options.for, token);
  if (isInPieces(claim) && claim.inPieces === 'piece') throw onlyPiece(field, claim);
  const { id, name, untilMs } = claim;
  const call = options.signal ? { signal: options.signal } : {};
  if (Date.now() >= untilMs) throw lostClaim(field, claim.name, 'redeem');
  // Of what the application takes itself no client has a URL.
  const isAlone = isInPieces(claim) && !claim.version && !claim.signed;
  const stored = (description: StoredContent['description']): StoredContent => ({
    ...{ field: label, storage, name, writeId: uploadId(id), intent: id, description, untilMs, isAlone },
  });
  const wait = (): Promise<boolean> => journal.handBack(id, Math.max(0, untilMs - Date.now()));
  try {
    const found = await uploadedFor(field, claim, options.parts, call);
    if (!found) throw (await wait()) ? notThere(field, claim) : lostClaim(field, claim.name, 'redeem');
    const description = await verified(field, claim, found, call);
    // Before a row can have it: whoever takes up the row's change after a crash knows nothing of it.
    if (isAlone) await storage.delete(progressName(id), call);
    if (isInPieces(claim) && !claim.version) await settleParts(storage, claim, call);
    if (!(await wait())) throw lostClaim(field, claim.name, 'redeem');
    return stored(description);
  } catch (error) {
    if (isVerdict(error)) await reported(() => undoStaged(field, stored(described(claim))));
    throw error;
  }
}

async function uploadedFor(
  field: DeclaredField,
  claim: AnyClaim,
  told: readonly ClientPart[] | undefined,
  call: CallOptions,
): Promise<FoundUpload | undefined> {
  const { storage } = field;
  const write = { name: claim.name, writeId: uploadId(claim.id) };
  if (isInPieces(claim) && claim.signed) {
    const info = claim.made
      ? madeInfo(claim, claim.made)
      : told
        ? await madeOf(partsOf(field, claim, claim.signed), told, call)
        : await completedParts(storage, claim, claim.signed, call);
    return info && { info };
  }
  const opening = await openingOf(field, claim);
  const asked = opening && { ...opening, ...call };
  if (isInPieces(claim))
    return foundUpload(storage, write, asked, () => findWrite(storage, write.name, write.writeId, call));
  const target = { version: claim.version, writeId: write.writeId };
  const look = (): Promise<ObjectInfo | undefined> =>
    storage.uploaded(claim.name, target, { exactBytes: claim.sizeBytes, ...call });
  // What went aside is put in its place before it is read.
  return foundUpload(storage, write, mayComeLate(storage) ? undefined : asked, look);
}

async function verified(
  field: DeclaredField,
  claim: AnyClaim,
  found: FoundUpload,
  call: CallOptions,
): Promise<StoredContent['description']> {
  try {
    if (isHolder(claim, found.info)) throw holderSent(field, claim);
    return await verifiedUpload(field, asUpload(claim, found.info), found, call);
  } finally {
    await found.opened?.[Symbol.asyncDispose]();
  }
}

/** What the token says of the object, as the storage answered when it made it. Nothing else can have its name since. */
const madeInfo = ({ name, contentType }: ClaimedInPieces, made: MadeObject): ObjectInfo => ({
  ...{ name: name as ObjectName, contentType, lastModified: new Date(), metadata: {} },
  ...made,
});

/**
 * Of what came piece by piece the application has counted the bytes, unless the client sent them itself. How it is encoded and
 * saved, as of what came to a session, the storage has said, and no client can.
 */
function asUpload(claim: AnyClaim, info: ObjectInfo): ClaimedUpload {
  const { sizeBytes, version, contentEncoding, contentDisposition } = info;
  if (!isInPieces(claim))
    return claim.session === undefined ? claim : { ...claim, contentEncoding, contentDisposition };
  return {
    ...{ ...claim, sizeBytes: claim.signed?.sizeBytes ?? sizeBytes, version },
    ...{ contentEncoding, contentDisposition },
    ...(claim.version ? { isTypeKnown: true } : {}),
  };
}

/** Sent as an upload, what holds the name would keep its version, and could be replaced once more. */
const isHolder = (claim: AnyClaim, { version }: ObjectInfo): boolean =>
  isInPieces(claim) && claim.version === version;

/** What was uploaded is not what may be kept, and never will be. */
const isVerdict = (error: unknown): boolean =>
  isFieldFileError(error, 'not-accepted', 'integrity', 'too-large') &&
  !NO_VERDICT.has(`${error.code} ${error.operation}`);

/** A read that failed says nothing of the content. A part that is not as the client was answered can be sent again. */
const NO_VERDICT: ReadonlySet<string> = new Set([
  ...['open', 'read', 'claim', 'complete'].map(operation => `integrity ${operation}`),
  ...['open', 'read'].flatMap(operation => [`not-accepted ${operation}`, `too-large ${operation}`]),
]);

/** Of what is taken back nobody asks the size. */
const described = ({ contentType, originalName }: AnyClaim): StoredContent['description'] => ({
  ...{ sizeBytes: 0, contentType, originalName, sha256: null },
});

const onlyPiece = ({ label }: DeclaredField, { name }: AnyClaim): FieldFileError =>
  new FieldFileError(
    'permission',
    `The token is of a piece of another upload, and no claim for ${label}: redeem the token of the whole.`,
    { operation: 'redeem', field: label, name },
  );

const notThere = ({ label }: DeclaredField, { name }: AnyClaim): FieldFileError =>
  new FieldFileError(
    'not-found',
    `Nothing was uploaded yet for the claim of ${label}: redeem it once the upload is done.`,
    { operation: 'redeem', field: label, name, retryable: true, applied: false },
  );

const holderSent = ({ label }: DeclaredField, { name }: AnyClaim): FieldFileError =>
  new FieldFileError(
    'integrity',
    `What was uploaded for ${label} is what held its name: it is not kept (redeem).`,
    { operation: 'redeem', field: label, name, applied: false },
  );
