import {
  isFieldFileError,
  type ObjectInfo,
  type OpenedObject,
  type Storage,
  type WriteId,
} from '@fieldfile/storage';
import type { DeclaredField } from '../field/declared-field.ts';
import { DETECTED_BYTES, detector } from '../field/detector.ts';
import { type AnyClaim, type ClaimedUpload, isInPieces } from './claim-token.ts';

/** What the storage has of a claim, and what was opened of it to find that out. */
export interface FoundUpload {
  readonly info: ObjectInfo;
  /** To be disposed of. Its first bytes, or all of them: as {@link openingOf} said. */
  readonly opened?: OpenedObject;
}

/** What to open of an upload. */
export type Opening = NonNullable<Parameters<Storage['open']>[1]>;

/** A field's digest column is filled by what was claimed, where that is of its algorithm. */
export const needsSha256 = (field: DeclaredField, { digest }: Pick<ClaimedUpload, 'digest'>): boolean =>
  field.columns.digest !== undefined && digest?.algorithm !== 'sha256';

/**
 * What has to be read of an upload in any case: opening that tells what asking for its info would. Undefined where nothing has, or
 * where its info says how much.
 */
export async function openingOf(field: DeclaredField, claim: AnyClaim): Promise<Opening | undefined> {
  if (field.inspector || field.computed || needsSha256(field, claim)) return {};
  // The storage may tell it, which spares reading the file; not every storage does with a part of one.
  if (claim.digest) return undefined;
  const isTypeKnown = isInPieces(claim) ? claim.version !== undefined : claim.sizeBytes === 0;
  if (!field.rules.accept || isTypeKnown || !(await detector())) return undefined;
  return { endExclusive: DETECTED_BYTES };
}

/**
 * The upload, in one request where the storage keeps write ids with its objects.
 *
 * @param look asks for its info: where nothing is to be opened, or what was opened does not say who wrote it.
 */
export async function foundUpload(
  storage: Storage,
  { name, writeId }: { readonly name: string; readonly writeId: WriteId },
  opening: Opening | undefined,
  look: () => Promise<ObjectInfo | undefined>,
): Promise<FoundUpload | undefined> {
  const opened = opening && (await openIfThere(storage, name, opening));
  if (opened && opened.info.writeId === writeId) return { info: opened.info, opened };
  let isOther = true;
  try {
    const info = await look();
    isOther = info?.version !== opened?.info.version;
    if (!info) return undefined;
    return opened && !isOther ? { info, opened } : { info };
  } finally {
    if (isOther) await opened?.[Symbol.asyncDispose]();
  }
}

async function openIfThere(
  storage: Storage,
  name: string,
  opening: Opening,
): Promise<OpenedObject | undefined> {
  try {
    return await storage.open(name, opening);
  } catch (error) {
    if (isFieldFileError(error, 'not-found')) return undefined;
    throw error;
  }
}
