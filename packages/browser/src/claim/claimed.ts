import { attempts } from '../control/attempts.ts';
import { refusal, unexpected } from '../errors/refusal.ts';
import { UploadError } from '../errors/upload-error.ts';
import type { Context } from '../upload/context.ts';
import type { ClaimedUploadOptions, Uploaded } from '../upload/options.ts';
import { askForClaim, claimRequest } from './ask.ts';
import type { Claim } from './claim.ts';

/** What a storage answers to a request that was made before, is over, or has nothing to take the place of any more. */
const OVER: readonly number[] = [400, 403, 404, 409, 410, 412];

/** A version that is there no more: the request was made before, if not by us, then by the browser, which repeats some itself. */
const MADE_BEFORE = 412;

/** How many an upload asks for. */
const CLAIMS = 3;

/**
 * Uploads by one request, straight to the storage. The request can be made once. When an answer was lost, nobody but the server
 * knows whether it was; so when the next try is refused, a new claim is asked for, and the file sent again.
 */
export async function uploadClaimed(context: Context, options: ClaimedUploadOptions): Promise<Uploaded> {
  const { file, control } = context;
  const request = await claimRequest(context, options);
  let claim: Claim | undefined;
  let claims = 0;
  let isUsed = false;
  return attempts(control, file, context.patience, async signal => {
    if (!claim) {
      claim = await askForClaim(context, options, request, signal);
      claims++;
      isUsed = false;
    }
    const { token } = claim;
    const wasUsed = isUsed;
    isUsed = true;
    try {
      await put(context, claim, signal);
      return { token };
    } catch (error) {
      const { status = 0 } = error instanceof UploadError ? error : {};
      const isOver = status === MADE_BEFORE || (wasUsed && OVER.includes(status));
      if (!isOver || claims === CLAIMS) throw error;
      claim = undefined;
      throw new UploadError('refused', 'The request could not be made again.', {
        ...{ status, retryable: true, cause: error },
      });
    }
  });
}

async function put(
  { file, control, idleSeconds, transfer }: Context,
  { upload }: Claim,
  signal: AbortSignal,
): Promise<void> {
  const { method, url, headers } = upload;
  const answer = await transfer({ method, url, headers, body: file, signal, idleSeconds });
  if (answer.status < 200 || answer.status > 299) throw refusal(answer);
  if (/html/.test(answer.header('content-type') ?? '')) throw unexpected(answer, 'being a storage');
  control.confirm(file.size);
}
