import { sha256 } from '../digests/sha256.ts';
import type { Context } from '../upload/context.ts';
import type { ClaimedUploadOptions } from '../upload/options.ts';
import { ask, requestIn, type Wanted } from './ask.ts';
import type { Claim, ClaimRequest, PartsClaim, ResumableClaim, SessionClaim } from './claim.ts';

export async function claimRequest(
  { file, filename, contentType }: Context,
  { digest = false }: ClaimedUploadOptions,
): Promise<ClaimRequest> {
  return {
    filename,
    sizeBytes: file.size,
    partDigest: 'crc32',
    ...(contentType === '' ? {} : { contentType }),
    ...(digest ? { digest: { algorithm: 'sha256', base64: await sha256(file) } } : {}),
  };
}

/** @throws as {@link ask}. */
export function askForClaim(
  context: Context,
  { claim }: ClaimedUploadOptions,
  request: ClaimRequest,
  signal: AbortSignal,
): Promise<Claim | ResumableClaim> {
  return ask(context, claim, request, claimFor(context.file.size), signal);
}

const claimFor = (sizeBytes: number): Wanted<Claim | ResumableClaim> => ({
  what: 'a claim',
  read(given, address) {
    const { upload, token } = (given ?? {}) as Partial<Claim>;
    const request = requestIn(upload, address);
    if (typeof token === 'string' && request) return { upload: request, token };
    const resumable = resumableIn(given, sizeBytes);
    if (resumable) return resumable;
    throw new TypeError('`claim` gave no claim of this file.');
  },
});

/** @returns undefined for what is no claim of a file of this size in parts, or of a session. */
export function resumableIn(given: unknown, sizeBytes: number): ResumableClaim | undefined {
  const {
    token,
    partBytes = 0,
    partCount,
    partDigest,
    session,
  } = (given ?? {}) as Partial<PartsClaim & SessionClaim>;
  if (typeof token !== 'string') return undefined;
  const url = String(session?.url);
  if (/^https?:/.test(url)) return { token, session: { url } };
  if (partCount !== Math.max(1, Math.ceil(sizeBytes / partBytes))) return undefined;
  return { token, partBytes, partCount, ...(partDigest ? { partDigest } : {}) };
}
