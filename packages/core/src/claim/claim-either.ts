import { isFieldFileError, type SignedUpload } from '@fieldfile/storage';
import { storageParts } from '@fieldfile/storage/parts';
import type { DeclaredField } from '../field/declared-field.ts';
import type { AnyFileField } from '../field/file-field.ts';
import type { ClaimInPartsOptions, ClaimOptions, PartsUpload, UploadClaim } from './claim.ts';
import { claimParts } from './claim-parts.ts';
import { claimUpload, requireHow } from './claim-upload.ts';

/** `field.claim`: an upload in one request, or in parts. */
export async function claimEither(
  field: DeclaredField,
  options: ClaimOptions | ClaimInPartsOptions,
): Promise<UploadClaim<SignedUpload | PartsUpload>> {
  if (!('parts' in options) || options.parts === undefined) return claimUpload(field, options);
  const { parts: how, partBytes, ...claiming } = options;
  requireHow(field.label, how);
  if (how === 'if-needed')
    try {
      return await claimUpload(field, claiming);
    } catch (error) {
      if (!isFieldFileError(error, 'too-large') || !storageParts(field.storage)?.canSign) throw error;
    }
  const inParts = { ...claiming, ...(partBytes === undefined ? {} : { partBytes }) };
  const { token, ...parts } = await claimParts(field as unknown as AnyFileField, inParts);
  return { upload: { method: 'PUT', parts }, token };
}
