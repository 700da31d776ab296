/** Loaded with the first claim: most programs make none. */
export { claimUpload } from './claim-upload.ts';
export { redeemClaim } from './redeem.ts';
