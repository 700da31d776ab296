export type {
  Claim,
  ClaimRequest,
  PartsAnswer,
  PartsClaim,
  PartsRequest,
  ResumableClaim,
  SentPart,
  SessionClaim,
  SignedPart,
  SignedRequest,
} from './claim/claim.ts';
export type { Progress } from './control/progress.ts';
export { UploadError } from './errors/upload-error.ts';
export type {
  Answered,
  ChosenUploadOptions,
  ClaimedUploadOptions,
  PlainUploadOptions,
  ResumableUploadOptions,
  ResumeOptions,
  Upload,
  Uploaded,
  UploadOptions,
} from './upload/options.ts';
export { upload } from './upload/upload.ts';
