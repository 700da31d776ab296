/** Uploads in parts that clients send, and piece by piece: for packages that take them, and for applications that let clients send parts. */
export type { ClientPart, PartsClaim, SessionClaim } from './claim/claim.ts';
/** A field's own: they are here so that they are loaded with the first claim. */
export { claimEither } from './claim/claim-either.ts';
export {
  type ClaimedPart,
  type ClaimedPartsOptions,
  type ClaimPartsOptions,
  claimParts,
  type PartRequest,
  partRequests,
  type SignPartsOptions,
  signParts,
  signsParts,
  storedParts,
} from './claim/claim-parts.ts';
export { claimsInParts, type StoredSoFar, storedSoFar } from './claim/claim-session.ts';
export {
  type CompletePartsOptions,
  completeParts,
  endParts,
  listedParts,
} from './claim/complete-parts.ts';
export { redeemClaim } from './claim/redeem.ts';
export {
  type BeginUploadOptions,
  type BegunUpload,
  beginUpload,
  endUpload,
  mostBytes,
  openUpload,
  partLimits,
  type UploadInPieces,
} from './claim/upload-in-pieces.ts';
export {
  type ClaimWholeOptions,
  claimWhole,
  type StoreWholeOptions,
  storeWhole,
} from './claim/whole-upload.ts';
