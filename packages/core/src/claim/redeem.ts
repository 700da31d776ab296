import { FieldFileError, isFieldFileError, type ObjectInfo, type Storage } from '@fieldfile/storage';
import { knownOptions } from '@fieldfile/storage/backend';
import { reported } from '@fieldfile/storage/internal';
import { undoStaged } from '../change/stage-file.ts';
import type { DeclaredField } from '../field/declared-field.ts';
import type { StoredContent } from '../field/offered.ts';
import type { RedeemOptions } from './claim.ts';
import { type ClaimedUpload, openClaim } from './claim-token.ts';
import { requireJournal, requireUser } from './claim-upload.ts';
import { uploadId } from './claimed-object.ts';
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
  const { label } = field;
  knownOptions(options, ['for', 'signal'], { what: 'redeem', operation: 'redeem', field: label });
  requireUser(label, 'redeem', options.for);
  const journal = requireJournal(field, 'redeem');
  const claim = openClaim(field, options.for, token);
  const storage = storageOf(field, claim);
  const { id, name, version, sizeBytes, untilMs } = claim;
  const call = options.signal ? { signal: options.signal } : {};
  if (Date.now() >= untilMs) throw lost(field, claim);
  const stored = (description: StoredContent['description']): StoredContent => ({
    ...{ field: label, storage, name, writeId: uploadId(id), intent: id, description, untilMs },
  });
  const wait = (): Promise<boolean> => journal.handBack(id, Math.max(0, untilMs - Date.now()));
  let info: ObjectInfo | undefined;
  try {
    const target = { version, writeId: uploadId(id) };
    info = await storage.uploaded(name, target, { exactBytes: sizeBytes, ...call });
    if (!info) throw (await wait()) ? notThere(field, claim) : lost(field, claim);
    const description = await verifiedUpload(field, storage, claim, info, call);
    if (!(await wait())) throw lost(field, claim);
    return stored(description);
  } catch (error) {
    if (isVerdict(error)) await reported(() => undoStaged(field, stored(described(claim))));
    throw error;
  }
}

/** What was uploaded is not what may be kept, and never will be. A read that failed says nothing of it. */
const isVerdict = (error: unknown): boolean =>
  isFieldFileError(error, 'not-accepted', 'integrity', 'too-large') &&
  error.operation !== 'open' &&
  error.operation !== 'read';

const described = ({
  sizeBytes,
  contentType,
  originalName,
}: ClaimedUpload): StoredContent['description'] => ({
  ...{ sizeBytes, contentType, originalName, sha256: null },
});

function storageOf({ storage, label }: DeclaredField, claim: ClaimedUpload): Storage {
  if (claim.storage === storage.id || storage.formerIds.includes(claim.storage)) return storage;
  throw new FieldFileError(
    'invalid-argument',
    `What was claimed for ${label} is on storage ${JSON.stringify(claim.storage)}, and the field is on "${storage.id}" (redeem).`,
    { operation: 'redeem', field: label },
  );
}

const notThere = ({ label }: DeclaredField, { name }: ClaimedUpload): FieldFileError =>
  new FieldFileError(
    'not-found',
    `Nothing was uploaded yet for the claim of ${label}: redeem it once the upload is done.`,
    { operation: 'redeem', field: label, name, retryable: true, applied: false },
  );

const lost = ({ label }: DeclaredField, { name }: ClaimedUpload): FieldFileError =>
  new FieldFileError(
    'intent-lost',
    `The claim of ${label} was redeemed before, or refused, or its time is over: claim again.`,
    { operation: 'redeem', field: label, name, applied: false },
  );
