import { type CallOptions, isFieldFileError, type ObjectInfo, type Storage } from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';
import { findWrite } from '@fieldfile/storage/internal';
import { type PartedWrite, storageParts } from '@fieldfile/storage/parts';
import type { ClaimedInPieces, SignedParts } from './claim-token.ts';
import { uploadId } from './claimed-object.ts';

/** The write whose parts a client sends itself. */
export const writeOf = ({ id, name }: ClaimedInPieces, { write }: SignedParts): PartedWrite => ({
  ...{ name: name as ObjectName, writeId: uploadId(id), id: write },
});

/** Who made the object of its parts may have died, or failed, before all of them were gone. */
export async function settleParts(
  storage: Storage,
  { id, name }: ClaimedInPieces,
  call: CallOptions,
): Promise<void> {
  await storageParts(storage)?.settle({ name: name as ObjectName, writeId: uploadId(id) }, call);
}

/** How many parts a file has; an empty one has one, too. */
export const partCount = (sizeBytes: number, partBytes: number): number =>
  Math.max(1, Math.ceil(sizeBytes / partBytes));

/** The length that one part has; undefined where it may have any. */
export const partSize = ({ sizeBytes, partBytes }: SignedParts, number: number): number | undefined =>
  sizeBytes === null ? undefined : Math.min(partBytes, sizeBytes - (number - 1) * partBytes);

/**
 * The object of what a client has sent, made of its parts now if that was not done before. Undefined as long as one of them is not
 * there, nothing is, or nobody said which parts make the file.
 */
export async function completedParts(
  storage: Storage,
  claim: ClaimedInPieces,
  signed: SignedParts,
  call: CallOptions,
): Promise<ObjectInfo | undefined> {
  const write = writeOf(claim, signed);
  try {
    const parts = storageParts(storage);
    const stored = (await parts?.listParts(write, call)) ?? [];
    const isWhole =
      signed.sizeBytes !== null &&
      stored.length === signed.count &&
      stored.every(
        ({ number, sizeBytes }, index) => number === index + 1 && sizeBytes === partSize(signed, number),
      );
    return isWhole ? await parts?.complete(write, stored, call) : undefined;
  } catch (error) {
    // It is complete, or was taken back; or it is a call of this moment that was faster.
    if (!isFieldFileError(error, 'conflict', 'precondition', 'integrity')) throw error;
    return findWrite(storage, write.name, write.writeId, call);
  }
}
