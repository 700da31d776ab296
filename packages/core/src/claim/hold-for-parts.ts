import type { PartDigest, PartedWrite, StorageParts } from '@fieldfile/storage/parts';
import { withIntent } from '../change/intent.ts';
import type { DeclaredField } from '../field/declared-field.ts';
import { requireHarmless } from '../field/inspected.ts';
import type { DescribedContent } from '../field/named-content.ts';
import { KeyOnlyRef } from '../ownership/owner-ref.ts';
import type { ClaimOptions } from './claim.ts';
import { type ClaimedInPieces, sealClaim } from './claim-token.ts';
import { uploadId } from './claimed-object.ts';
import { giveOut, lostClaim } from './journaled-claim.ts';

export interface HoldOptions extends Pick<ClaimOptions, 'for' | 'signal'> {
  readonly keepSeconds: number;
  /** Clients send the parts. Default: false. */
  readonly byClients?: boolean;
  /** They can send this with each. Default: none. */
  readonly partDigest?: PartDigest;
}

/** A name that is held for a file that comes in parts. */
export interface HeldForParts {
  readonly claim: ClaimedInPieces;
  readonly write: PartedWrite;
  readonly token: string;
}

/**
 * Holds a name for what comes in parts, and hands it to the journal, which ends what nobody redeems. A failure leaves nothing.
 *
 * @param about what the token says beside the file, of the write that was begun.
 * @throws as `field.claim`.
 */
export async function holdForParts(
  field: DeclaredField,
  parts: StorageParts,
  named: DescribedContent,
  { for: user, signal, keepSeconds, byClients, partDigest }: HoldOptions,
  about: (write: PartedWrite) => Pick<ClaimedInPieces, 'inPieces' | 'signed' | 'digest'>,
): Promise<HeldForParts> {
  const { storage } = field;
  const { originalName, contentType = 'application/octet-stream' } = named;
  const wanted = await field.objectName(undefined, originalName, storage);
  requireHarmless(wanted, named);
  const { stored: write, intent: id } = await withIntent(
    { field, ref: new KeyOnlyRef(undefined) },
    storage,
    ({ writeId, onCandidate }) =>
      parts.begin(wanted, {
        ...(writeId ? { writeId: uploadId(writeId) } : {}),
        ...(onCandidate ? { onCandidate } : {}),
        ...(signal ? { signal } : {}),
        ...(byClients ? { byClients } : {}),
        ...(partDigest ? { partDigest } : {}),
        ...{ contentType, maxLength: field.maxLength },
      }),
    'claim',
  );
  if (!id) throw lostClaim(field, write.name); // it has a journal
  return giveOut(field, { id, storage, name: write.name, signal }, async () => {
    const untilMs = Date.now() + keepSeconds * 1000;
    const claim: ClaimedInPieces = {
      ...{ id, name: write.name, originalName, contentType, untilMs },
      ...about(write),
    };
    return { untilMs, given: { claim, write, token: sealClaim(field, storage, user, claim) } };
  });
}
