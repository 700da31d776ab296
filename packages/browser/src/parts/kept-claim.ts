import { resumableIn } from '../claim/ask-for-claim.ts';
import type { ResumableClaim } from '../claim/claim.ts';
import { fingerprintOf } from '../resume/fingerprint.ts';
import { keptUpload } from '../resume/kept-uploads.ts';
import { absolute } from '../transport/absolute.ts';
import type { Context } from '../upload/context.ts';
import type { ClaimedUploadOptions } from '../upload/options.ts';

/** A claim in parts, or of a session, that is found again after a reload. */
export interface KeptClaim {
  /** Of before. Whether it still holds, and what is stored, the server says. */
  readonly claim: ResumableClaim | undefined;
  keep(claim: ResumableClaim): Promise<void>;
  forget(): Promise<void>;
  release(): void;
}

/** No storage has smaller parts, and a file of one part begins anew anyway. */
const KEPT_ABOVE_BYTES = 5 * 1024 * 1024;

/** @returns undefined where nothing is kept. */
export async function keptClaim(
  context: Context,
  options: ClaimedUploadOptions,
): Promise<KeptClaim | undefined> {
  const { resumes = true, resumeKey } = options;
  const { file } = context;
  const parts = partsOf(options);
  if (!parts || !resumes || file.size <= KEPT_ABOVE_BYTES) return undefined;
  // Nobody knows of two functions whether they are for the same.
  if (typeof parts === 'function' && resumeKey === undefined) return undefined;
  const where = `parts ${typeof parts === 'function' ? '' : absolute(parts)}`;
  const fingerprint = await fingerprintOf(context, where, resumeKey);
  const kept = fingerprint === undefined ? undefined : await keptUpload(fingerprint);
  return (
    kept && {
      claim: resumableIn(parsed(kept.state), file.size),
      keep: one => kept.keep(JSON.stringify(one)),
      forget: kept.forget,
      release: kept.release,
    }
  );
}

/** What is kept may be of another version of this package. */
function parsed(state: string | undefined): unknown {
  try {
    return JSON.parse(state ?? 'null');
  } catch {
    return undefined;
  }
}

/** Who is asked of parts. */
export const partsOf = ({ claim, parts }: ClaimedUploadOptions): ClaimedUploadOptions['parts'] =>
  parts ?? (typeof claim === 'function' ? undefined : claim);
