import { attempts } from '../control/attempts.ts';
import { refusal, unexpected } from '../errors/refusal.ts';
import { UploadError } from '../errors/upload-error.ts';
import type { Context } from '../upload/context.ts';
import type { Uploaded } from '../upload/options.ts';
import type { Claim, ResumableClaim, SignedRequest } from './claim.ts';

/** What a storage answers to a request that was made before, is over, or has nothing to take the place of any more. */
const OVER: readonly number[] = [400, 403, 404, 409, 410, 412];

/** A version that is there no more: the request was made before, if not by us, then by the browser, which repeats some itself. */
const MADE_BEFORE = 412;

/** How many an upload asks for. */
export const CLAIMS = 3;

/**
 * Uploads by one request, straight to the storage. The request can be made once. When an answer was lost, nobody but the server
 * knows whether it was; so when the next try is refused, a new claim is asked for, and the file sent again.
 */
export async function uploadWhole(
  context: Context,
  first: Claim,
  claimAgain: (signal: AbortSignal) => Promise<Claim | ResumableClaim>,
): Promise<Uploaded> {
  const { file, control } = context;
  let claim: Claim | undefined = first;
  let claims = 1;
  let isUsed = false;
  return attempts(control, file, context.patience, async signal => {
    if (!claim) {
      const another = await claimAgain(signal);
      if (!('upload' in another)) throw new UploadError('unexpected-answer', 'Now it would go in parts.');
      claim = another;
      claims++;
      isUsed = false;
    }
    const { token } = claim;
    const wasUsed = isUsed;
    isUsed = true;
    try {
      await put(context, claim.upload, file, signal);
      control.confirm(file.size);
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

/** Sends a body to the storage. @returns its `ETag`, where the page may read it. @throws {UploadError} */
export async function put(
  { idleSeconds, transfer }: Context,
  request: SignedRequest,
  body: Blob,
  signal: AbortSignal,
): Promise<string | null> {
  const answer = await transfer({ ...request, body, signal, idleSeconds });
  if (answer.status < 200 || answer.status > 299) throw refusal(answer);
  if (/html/.test(answer.header('content-type') ?? '')) throw unexpected(answer, 'being a storage');
  return answer.header('etag');
}
