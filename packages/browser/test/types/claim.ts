import type {
  Claim,
  ClaimRequest,
  PartsAnswer,
  PartsClaim,
  ResumableClaim,
  SessionClaim,
} from '@fieldfile/browser';
import type { AnyFileField, ClaimOptions, SessionClaim as MadeSession, UploadClaim } from '@fieldfile/core';
import type { ClaimedPart } from '@fieldfile/core/resumable';
import * as resumable from '@fieldfile/core/resumable';

// What a server gives is what a browser takes, and the other way round. No dependency ties the two packages together.

declare const made: UploadClaim;
export const taken: Claim = made;

declare const field: AnyFileField;
declare const large: ClaimOptions;
export const inParts: Claim | ResumableClaim = await field.claim({ ...large, parts: 'if-needed' });
export const alwaysInParts: PartsClaim = await resumable.claimParts(field, large);

declare const begun: MadeSession;
export const session: SessionClaim = begun;
declare const token: string;
export const stored: PartsAnswer = await resumable.storedSoFar(field, token, { for: 'ada' });

declare const signed: readonly ClaimedPart[];
export const answered: PartsAnswer = { parts: signed };

declare const asked: ClaimRequest;
export const options: ClaimOptions = { ...asked, for: 'ada' };

// @ts-expect-error Who may redeem it is for the server to say.
export const incomplete: ClaimOptions = asked;
