import {
  canSignUploads,
  FieldFileError,
  type ObjectWrite,
  type SignedUpload,
  type Storage,
  type WriteId,
} from '@fieldfile/storage';
import { withIntent } from '../change/intent.ts';
import { needsRow } from '../change/stage-file.ts';
import type { DeclaredField } from '../field/declared-field.ts';
import { requireHarmless } from '../field/inspected.ts';
import { type DescribedContent, describedContent } from '../field/named-content.ts';
import { KeyOnlyRef } from '../ownership/owner-ref.ts';
import type { ClaimOptions, UploadClaim } from './claim.ts';
import { checkClaimOptions, EXPIRES_SECONDS } from './claim-options.ts';
import { type ClaimedUpload, requireClaimKeys, sealClaim } from './claim-token.ts';
import { uploadId } from './claimed-object.ts';
import { giveOut, requireJournal } from './journaled-claim.ts';

/** Signatures end at whole seconds, rounded up: what the journal ends must not be uploaded after that. */
const ROUNDED_MS = 1000;

/** `field.claim`: holds a name, and signs the upload that takes its place. The journal ends what nobody redeems. */
export async function claimUpload(field: DeclaredField, options: ClaimOptions): Promise<UploadClaim> {
  checkClaimOptions(field.label, options);
  const { sizeBytes, digest, signal, expiresInSeconds = EXPIRES_SECONDS } = options;
  const { keepSeconds = expiresInSeconds + 3600 } = options;
  if (field.needsRow) throw needsRow(field, 'claim');
  requireClaimKeys(field);
  requireJournal(field, 'claim');
  const named = describedContent({ ...options, name: options.filename }, field.rules);
  const contentType = named.contentType ?? 'application/octet-stream';
  const { storage } = field;
  const name = await field.objectName(undefined, named.originalName, storage);
  requireHarmless(name, named);
  const { holder, id } = await holdName(field, storage, name, options);
  return giveOut(field, { id, storage, name: holder.name, signal }, async () => {
    const upload = await signOver(field, storage, holder.name, {
      expiresInSeconds,
      exactBytes: sizeBytes,
      contentType,
      ...(digest ? { digest } : {}),
      replaces: { version: holder.info.version, writeId: uploadId(id) },
    });
    const untilMs = Date.now() + keepSeconds * 1000 + ROUNDED_MS;
    const token = sealClaim(field, storage, options.for, {
      ...claimed(holder, id, named, upload),
      ...{ contentType, sizeBytes, untilMs },
      ...(digest ? { digest: { algorithm: digest.algorithm, base64: digest.base64 } } : {}),
    });
    return { untilMs, given: { upload, token } };
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
