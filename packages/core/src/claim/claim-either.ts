import { isFieldFileError } from '@fieldfile/storage';
import type { DeclaredField } from '../field/declared-field.ts';
import type { AnyFileField } from '../field/file-field.ts';
import type { ClaimInPartsOptions, ClaimOptions, PartsClaim, SessionClaim, UploadClaim } from './claim.ts';
import { requireHow } from './claim-options.ts';
import { claimParts } from './claim-parts.ts';
import { claimSession, claimsInParts, startsSessions } from './claim-session.ts';
import { claimUpload } from './claim-upload.ts';

/** `field.claim`: an upload in one request, to a session, or in parts. */
export async function claimEither(
  field: DeclaredField,
  options: ClaimOptions | ClaimInPartsOptions,
): Promise<UploadClaim | SessionClaim | PartsClaim> {
  if (!('parts' in options) || options.parts === undefined) return claimUpload(field, options);
  const { parts: how, partBytes, origin, ...claiming } = options;
  requireHow(field.label, how);
  const given = field as unknown as AnyFileField;
  if (how === 'if-needed')
    try {
      return await claimUpload(field, claiming);
    } catch (error) {
      if (!isFieldFileError(error, 'too-large') || !claimsInParts(given)) throw error;
    }
  if (startsSessions(given))
    return claimSession(field, { ...claiming, ...(origin === undefined ? {} : { origin }) });
  const inParts = { ...claiming, ...(partBytes === undefined ? {} : { partBytes }) };
  return claimParts(given, inParts);
}
