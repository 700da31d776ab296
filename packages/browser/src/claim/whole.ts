import { attempts } from '../control/attempts.ts';
import { lostOr } from '../errors/lost-claim.ts';
import { refusal, unexpected } from '../errors/refusal.ts';
import type { Context } from '../upload/context.ts';
import type { Uploaded } from '../upload/options.ts';
import type { Claim, SignedRequest } from './claim.ts';

/** What a storage answers to a request that was made before, is over, or has nothing to take the place of any more. */
const OVER: readonly number[] = [400, 403, 404, 409, 410, 412];

/** A version that is there no more: the request was made before, if not by us, then by the browser, which repeats some itself. */
const MADE_BEFORE: readonly number[] = [412];

/**
 * Uploads by one request, straight to the storage. The request can be made once. When an answer was lost, nobody but the server
 * knows whether it was; so when the next try is refused, the claim is lost, and the file is sent again with another.
 *
 * @throws {LostClaim}
 */
export async function uploadWhole(context: Context, { upload, token }: Claim): Promise<Uploaded> {
  const { file, control, patience } = context;
  let isUsed = false;
  return attempts(control, file, patience, async signal => {
    const lost = isUsed ? OVER : MADE_BEFORE;
    isUsed = true;
    try {
      await put(context, upload, file, signal);
    } catch (error) {
      throw lostOr(error, lost);
    }
    control.confirm(file.size);
    return { token };
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
