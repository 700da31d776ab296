import {
  canSignUploads,
  FieldFileError,
  type ObjectWrite,
  type SignedUpload,
  type SignedUploadOptions,
  type Storage,
  type WriteId,
} from '@fieldfile/storage';
import { withIntent } from '../change/intent.ts';
import type { DeclaredField } from '../field/declared-field.ts';
import { requireHarmless } from '../field/inspected.ts';
import { describedContent } from '../field/named-content.ts';
import { KeyOnlyRef } from '../ownership/owner-ref.ts';
import type { ClaimOptions, UploadClaim } from './claim.ts';
import { checkClaimOptions, EXPIRES_SECONDS } from './claim-options.ts';
import { type ClaimedUpload, sealClaim } from './claim-token.ts';
import { uploadId } from './claimed-object.ts';
import { giveOut, requireClaims } from './journaled-claim.ts';

/** Signatures end at whole seconds, rounded up: what the journal ends must not be uploaded after that. */
const ROUNDED_MS = 1000;

/** `field.claim`: holds a name, and signs the upload that takes its place. */
export function claimUpload(field: DeclaredField, options: ClaimOptions): Promise<UploadClaim> {
  const { expiresInSeconds = EXPIRES_SECONDS } = options;
  return claimOver(field, options, async (storage, name, over) => {
    const upload = await signOver(field, storage, name, { ...over, expiresInSeconds });
    return { given: { upload }, said: saidOf(upload) };
  });
}

/** What a client is to upload, and what it takes the place of. */
type Over = Required<Pick<SignedUploadOptions, 'exactBytes' | 'contentType' | 'replaces'>> &
  Pick<SignedUploadOptions, 'digest'>;

/**
 * Holds a name for an upload that takes its place. The journal ends what nobody redeems.
 *
 * @param begin lets the client upload. @returns what it is given beside the token, and what the token is to say of it.
 */
export async function claimOver<Given extends object>(
  field: DeclaredField,
  options: ClaimOptions,
  begin: (
    storage: Storage,
    name: string,
    over: Over,
  ) => Promise<{ readonly given: Given; readonly said: Partial<ClaimedUpload> }>,
): Promise<Given & { readonly token: string }> {
  checkClaimOptions(field.label, options);
  const { sizeBytes, digest: told, signal, expiresInSeconds = EXPIRES_SECONDS } = options;
  const { keepSeconds = expiresInSeconds + 3600 } = options;
  requireClaims(field);
  const named = describedContent({ ...options, name: options.filename }, field.rules);
  const { originalName, contentType = 'application/octet-stream' } = named;
  const { storage } = field;
  const wanted = await field.objectName(undefined, originalName, storage);
  requireHarmless(wanted, named);
  const { holder, id } = await holdName(field, storage, wanted, options);
  const { name, info } = holder;
  const digest = told ? { digest: { algorithm: told.algorithm, base64: told.base64 } } : {};
  return giveOut(field, { id, storage, name, signal }, async () => {
    const { given, said } = await begin(storage, name, {
      ...{ exactBytes: sizeBytes, contentType, ...digest },
      replaces: { version: info.version, writeId: uploadId(id) },
    });
    const untilMs = Date.now() + keepSeconds * 1000 + ROUNDED_MS;
    const token = sealClaim(field, storage, options.for, {
      ...{ id, name, version: info.version, originalName, contentType, sizeBytes, untilMs },
      ...digest,
      ...said,
    });
    return { untilMs, given: { ...given, token } };
  });
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

function saidOf({ headers, enforced }: SignedUpload): Partial<ClaimedUpload> {
  const contentEncoding = headers['content-encoding'] ?? headers['x-ms-blob-content-encoding'];
  const contentDisposition = headers['content-disposition'] ?? headers['x-ms-blob-content-disposition'];
  return {
    ...{ contentEncoding, contentDisposition },
    ...(enforced.has('type') ? {} : { isTypeOpen: true as const }),
  };
}
