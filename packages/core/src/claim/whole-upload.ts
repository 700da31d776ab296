import {
  type CallOptions,
  type Content,
  FieldFileError,
  isFieldFileError,
  type Source,
} from '@fieldfile/storage';
import { findWrite } from '@fieldfile/storage/internal';
import { owningContent } from '../change/operate.ts';
import type { DeclaredField } from '../field/declared-field.ts';
import type { AnyFileField } from '../field/file-field.ts';
import { inspected, requireHarmless } from '../field/inspected.ts';
import { describedContent, namedContent } from '../field/named-content.ts';
import type { ClaimOptions } from './claim.ts';
import { requireType, requireUser } from './claim-options.ts';
import { type ClaimedInPieces, isInPieces, openClaim, sealClaim } from './claim-token.ts';
import { holdName } from './claim-upload.ts';
import { uploadId } from './claimed-object.ts';
import { giveOut, lostClaim, requireClaims } from './journaled-claim.ts';

/** What is known of a file before its bytes come, in one request to the application. */
export interface ClaimWholeOptions extends Pick<ClaimOptions, 'filename' | 'contentType' | 'for' | 'signal'> {
  /** How long it may take, until a row has the file. */
  readonly keepSeconds: number;
}

export interface StoreWholeOptions extends CallOptions {
  /** What `for` was when it was claimed. */
  readonly for: string;
  /** The most bytes, beside the field's own `maxSizeBytes`. Default: no other limit. */
  readonly maxBytes?: number;
}

/**
 * Holds a name for a file whose bytes the application takes itself, in one piece. The journal ends what nobody redeems.
 *
 * @returns the token: for {@link storeWhole}, and for `field.redeem` after that.
 * @throws as `field.claim`.
 */
export async function claimWhole(
  given: AnyFileField,
  options: ClaimWholeOptions,
): Promise<{ readonly token: string }> {
  const field = given as unknown as DeclaredField;
  const { filename, contentType: type, for: user, keepSeconds, signal } = options;
  requireUser(field.label, 'claim', user);
  requireType(field.label, type);
  requireClaims(field);
  const named = describedContent({ name: filename, contentType: type }, field.rules);
  const { originalName, contentType = 'application/octet-stream' } = named;
  const { storage } = field;
  const name = await field.objectName(undefined, originalName, storage);
  requireHarmless(name, named);
  const { holder, id } = await holdName(field, storage, name, signal ? { signal } : {});
  return giveOut(field, { id, storage, name: holder.name, signal }, async () => {
    const untilMs = Date.now() + keepSeconds * 1000;
    const token = sealClaim(field, storage, user, {
      ...{ id, name: holder.name, originalName, contentType, untilMs },
      ...{ inPieces: 'whole', version: holder.info.version },
    });
    return { untilMs, given: { token } };
  });
}

/**
 * Stores the bytes of such a claim, in the place of what holds the name: once. Where they are there already, nothing is read.
 *
 * @throws `permission` for a text that is no such token, or another user's; `intent-lost` when its time is over, or a row had it;
 * `not-accepted` for content of another type; `too-large`; what the content throws. Then it can be tried again.
 */
export async function storeWhole(
  given: AnyFileField,
  token: string,
  content: Content,
  { for: user, maxBytes, ...call }: StoreWholeOptions,
): Promise<void> {
  const field = given as unknown as DeclaredField;
  const { claim, version, limit } = opened(field, token, user, maxBytes);
  const { storage } = field;
  const { name, originalName, contentType, id } = claim;
  const named = namedContent(content, { name: originalName, contentType }, field.rules);
  const info = await owningContent(named.from, async () => {
    // `redeem` does not look at it again: it can have come this way only.
    const { from } = named.claim ? await inspected(named, call) : named;
    return owningContent(from, () =>
      storage
        .replace(name, from as Source, {
          ...{ contentType, ifMatch: version, writeId: uploadId(id), settles: false, ...call },
          ...(limit === undefined ? {} : { maxSizeBytes: limit }),
        })
        .catch(async error => {
          if (!isFieldFileError(error, 'precondition', 'not-found')) throw error;
          const made = await findWrite(storage, name, uploadId(id), call);
          if (made) return made;
          throw lostClaim(field, name);
        }),
    );
  });
  // What holds the name, sent again: it could be replaced once more.
  if (info.version === version) throw isHolder(field, name);
}

function opened(
  field: DeclaredField,
  token: string,
  user: string,
  maxBytes = Number.POSITIVE_INFINITY,
): {
  readonly claim: ClaimedInPieces;
  readonly version: NonNullable<ClaimedInPieces['version']>;
  readonly limit: number | undefined;
} {
  const { label, rules } = field;
  requireUser(label, 'claim', user);
  const claim = openClaim(field, user, token);
  if (!isInPieces(claim) || !claim.version)
    throw new FieldFileError('permission', `The token is of a claim that comes another way (${label}).`, {
      operation: 'claim',
      field: label,
    });
  if (Date.now() >= claim.untilMs) throw lostClaim(field, claim.name);
  const limit = Math.min(maxBytes, rules.maxSizeBytes ?? Number.POSITIVE_INFINITY);
  return { claim, version: claim.version, limit: Number.isFinite(limit) ? limit : undefined };
}

const isHolder = ({ label }: DeclaredField, name: string): FieldFileError =>
  new FieldFileError('integrity', `What was uploaded for ${label} is what holds its name (claim).`, {
    operation: 'claim',
    field: label,
    name,
  });
