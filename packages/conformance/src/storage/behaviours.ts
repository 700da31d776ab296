import { abort } from './abort.ts';
import { addresses } from './addresses.ts';
import { applicationMarks } from './application-marks.ts';
import { attributes } from './attributes.ts';
import { clientUploads } from './client-uploads.ts';
import { clients } from './clients.ts';
import { contents } from './contents.ts';
import type { StorageBehaviour } from './context.ts';
import { copy } from './copy.ts';
import { digestedParts } from './digested-parts.ts';
import { dispositions } from './dispositions.ts';
import { durability } from './durability.ts';
import { earlyRefusals } from './early-refusals.ts';
import { errors } from './errors.ts';
import { foreignNames } from './foreign-names.ts';
import { gzip } from './gzip.ts';
import { headerText } from './header-text.ts';
import { hiccups } from './hiccups.ts';
import { identity } from './identity.ts';
import { inParts } from './in-parts.ts';
import { integrity } from './integrity.ts';
import { lessDurability } from './less-durability.ts';
import { listing } from './listing.ts';
import { listingLimit } from './listing-limit.ts';
import { names } from './names.ts';
import { noOverwrite } from './no-overwrite.ts';
import { noStore } from './no-store.ts';
import { onTaken } from './on-taken.ts';
import { progress } from './progress.ts';
import { ranges } from './ranges.ts';
import { readLimits } from './read-limits.ts';
import { reads } from './reads.ts';
import { replace } from './replace.ts';
import { resume } from './resume.ts';
import { retries } from './retries.ts';
import { rivals } from './rivals.ts';
import { signedDigests } from './signed-digests.ts';
import { signedUploads } from './signed-uploads.ts';
import { streams } from './streams.ts';
import { toldParts } from './told-parts.ts';
import { undoReplace } from './undo-replace.ts';
import { uploadHeaders } from './upload-headers.ts';
import { urls } from './urls.ts';
import { visibility } from './visibility.ts';
import { withoutCreating } from './without-creating.ts';
import { writeIds } from './write-id.ts';
import { writesWithin } from './writes-within.ts';

/** Everything a storage promises, in the order of the contracts. */
export const storageBehaviours: readonly StorageBehaviour[] = [
  ...noOverwrite,
  ...onTaken,
  ...withoutCreating,
  ...replace,
  ...copy,
  ...writeIds,
  ...undoReplace,
  ...clients,
  ...contents,
  ...streams,
  ...abort,
  ...progress,
  ...reads,
  ...ranges,
  ...resume,
  ...integrity,
  ...attributes,
  ...visibility,
  ...headerText,
  ...gzip,
  ...readLimits,
  ...names,
  ...foreignNames,
  ...listing,
  ...listingLimit,
  ...applicationMarks,
  ...urls,
  ...dispositions,
  ...addresses,
  ...signedUploads,
  ...uploadHeaders,
  ...signedDigests,
  ...clientUploads,
  ...inParts,
  ...writesWithin,
  ...toldParts,
  ...digestedParts,
  ...errors,
  ...noStore,
  ...retries,
  ...hiccups,
  ...earlyRefusals,
  ...durability,
  ...lessDurability,
  ...rivals,
  ...identity,
];
