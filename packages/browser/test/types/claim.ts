import type { Claim, ClaimRequest, PartsClaim } from '@fieldfile/browser';
import type { ClaimOptions, PartsClaim as CorePartsClaim, UploadClaim } from '@fieldfile/core';

// What a server gives is what a browser takes, and the other way round. No dependency ties the two packages together.

declare const made: UploadClaim;
export const taken: Claim = made;

declare const either: UploadClaim | CorePartsClaim;
export const takenEither: Claim | PartsClaim = either;

declare const asked: ClaimRequest;
export const options: ClaimOptions = { ...asked, for: 'ada' };

// @ts-expect-error Who may redeem it is for the server to say.
export const incomplete: ClaimOptions = asked;
