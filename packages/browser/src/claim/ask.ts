import { bytesOf } from '../control/unchanged.ts';
import { refusal, unexpected } from '../errors/refusal.ts';
import { UploadError } from '../errors/upload-error.ts';
import { absolute } from '../transport/absolute.ts';
import type { Answer } from '../transport/send.ts';
import type { Context } from '../upload/context.ts';
import type { ClaimedUploadOptions } from '../upload/options.ts';

import type { Claim, ClaimRequest } from './claim.ts';

export async function claimRequest(
  { file, filename, contentType }: Context,
  { digest = false }: ClaimedUploadOptions,
): Promise<ClaimRequest> {
  return {
    filename,
    sizeBytes: file.size,
    ...(contentType === '' ? {} : { contentType }),
    ...(digest ? { digest: { algorithm: 'sha256', base64: await sha256(file) } } : {}),
  };
}

/** @throws {UploadError} what the server refuses; what a function throws is thrown as it is, but for a network that is not there. */
export async function askForClaim(
  context: Context,
  { claim }: ClaimedUploadOptions,
  request: ClaimRequest,
  signal: AbortSignal,
): Promise<Claim> {
  if (typeof claim === 'function') {
    const given = await networkErrors(async () => claim(request, { signal }), signal);
    if (!(given instanceof Response)) return checked(given);
    const text = await networkErrors(() => given.text(), signal);
    const { status, url } = given;
    return read({ status, text, header: name => given.headers.get(name) }, url === '' ? undefined : url);
  }
  const url = absolute(claim);
  const answer = await context.ask({
    ...{ method: 'POST', url, body: JSON.stringify(request), signal },
    headers: { 'content-type': 'application/json' },
  });
  return read(answer, url);
}

function read(answer: Answer, address: string | undefined): Claim {
  if (answer.status < 200 || answer.status > 299) throw refusal(answer);
  try {
    return checked(JSON.parse(answer.text), address);
  } catch {
    throw unexpected(answer, 'a claim');
  }
}

/** @param address Where it comes from: a storage of that server may be told by a path. @throws TypeError for what is no claim. */
function checked(given: unknown, address?: string): Claim {
  const { upload, token } = (given ?? {}) as Partial<Claim>;
  const { url, method = '', headers } = upload ?? {};
  const isClaim =
    typeof token === 'string' &&
    typeof url === 'string' &&
    /^(PUT|POST)$/.test(method) &&
    Object.values(headers ?? { none: null }).every(value => typeof value === 'string');
  const target = isClaim ? absolute(url, address) : '';
  if (isClaim && headers && /^https?:/.test(target))
    return { upload: { url: target, method, headers }, token };
  throw new TypeError('`claim` gave no claim: { upload: { url, method, headers }, token }.');
}

/** `fetch` says by a TypeError that there was no answer. */
async function networkErrors<Given>(work: () => Promise<Given>, signal: AbortSignal): Promise<Given> {
  try {
    return await work();
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof TypeError)) throw cause;
    throw new UploadError('network', `There is no claim: ${cause.message}`, { retryable: true, cause });
  }
}

async function sha256(file: Blob): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await bytesOf(file));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}
