import { sha256 } from '../digests/sha256.ts';
import type { Context } from '../upload/context.ts';
import type { ClaimedUploadOptions } from '../upload/options.ts';
import { ask, requestIn, type Wanted } from './ask.ts';
import type { Claim, ClaimRequest, PartsClaim } from './claim.ts';

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
): Promise<Claim | PartsClaim> {
  return ask(context, claim, request, claimFor(context.file.size), signal);
}

const claimFor = (sizeBytes: number): Wanted<Claim | PartsClaim> => ({
  what: 'a claim',
  read(given, address) {
    const { upload, token } = (given ?? {}) as Partial<Claim>;
    const request = requestIn(upload, address);
    if (typeof token === 'string' && request) return { upload: request, token };
    const parts = partsClaimIn(given, sizeBytes);
    if (parts) return parts;
    throw new TypeError(
      '`claim` gave no claim of this file: { upload, token }, or { token, partBytes, partCount }.',
    );
  },
});

/** @returns undefined for what is no claim of a file of this size in parts. */
export function partsClaimIn(given: unknown, sizeBytes: number): PartsClaim | undefined {
  const { token, partBytes = 0, partCount, partDigest } = (given ?? {}) as Partial<PartsClaim>;
  const isClaim = typeof token === 'string' && partCount === Math.max(1, Math.ceil(sizeBytes / partBytes));
  return isClaim ? { token, partBytes, partCount, ...(partDigest ? { partDigest } : {}) } : undefined;
}
