import { attempts } from '../control/attempts.ts';
import { LostClaim } from '../errors/lost-claim.ts';
import { keptClaim } from '../parts/kept-claim.ts';
import { uploadInParts } from '../parts/parts.ts';
import type { Context } from '../upload/context.ts';
import type { ClaimedUploadOptions, Uploaded } from '../upload/options.ts';
import { askForClaim, claimRequest } from './ask-for-claim.ts';
import type { Claim, ClaimRequest, ResumableClaim } from './claim.ts';
import { uploadWhole } from './whole.ts';

/** How many an upload asks for. */
const CLAIMS = 3;

/**
 * Uploads straight to the storage: by one request, in parts or to a session, as the application's server says. If a claim is over,
 * the file is claimed anew, and may go another way then.
 */
export async function uploadClaimed(context: Context, options: ClaimedUploadOptions): Promise<Uploaded> {
  const { control, file, patience } = context;
  let request: ClaimRequest | undefined;
  const newClaim = (): Promise<Claim | ResumableClaim> =>
    attempts(control, file, patience, async signal => {
      request ??= await claimRequest(context, options);
      return askForClaim(context, options, request, signal);
    });
  const kept = await keptClaim(context, options);
  try {
    let claim = kept?.claim ?? (await newClaim());
    for (let claims = 1; ; claims++)
      try {
        return 'upload' in claim
          ? await uploadWhole(context, claim)
          : await uploadInParts(context, options, claim, kept);
      } catch (error) {
        if (!(error instanceof LostClaim) || claims === CLAIMS) throw error;
        claim = await newClaim();
      }
  } finally {
    kept?.release();
  }
}
