import { attempts } from '../control/attempts.ts';
import { keptClaim } from '../parts/kept-claim.ts';
import { uploadInParts } from '../parts/parts.ts';
import type { Context } from '../upload/context.ts';
import type { ClaimedUploadOptions, Uploaded } from '../upload/options.ts';
import { askForClaim, claimRequest } from './ask-for-claim.ts';
import type { Claim, ClaimRequest, ResumableClaim } from './claim.ts';
import { uploadWhole } from './whole.ts';

/** Uploads straight to the storage: by one request or in parts, as the application's server says. */
export async function uploadClaimed(context: Context, options: ClaimedUploadOptions): Promise<Uploaded> {
  const { control, file, patience } = context;
  let request: ClaimRequest | undefined;
  const claimAgain = async (signal: AbortSignal): Promise<Claim | ResumableClaim> => {
    request ??= await claimRequest(context, options);
    return askForClaim(context, options, request, signal);
  };
  const claim = (): Promise<Claim | ResumableClaim> => attempts(control, file, patience, claimAgain);
  const kept = await keptClaim(context, options);
  try {
    const first = kept?.claim ?? (await claim());
    if ('upload' in first) return await uploadWhole(context, first, claimAgain);
    return await uploadInParts(context, options, { first, claim, kept });
  } finally {
    kept?.release();
  }
}
