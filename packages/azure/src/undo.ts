import { FieldFileError, isFieldFileError, type WriteId } from '@fieldfile/storage';
import { newWriteId, type ObjectName, type UndoOptions, type UndoResult } from '@fieldfile/storage/backend';
import type { AzureContext } from './context.ts';
import { isAbsent, isOtherVersion } from './errors.ts';
import { fromBlobMetadata } from './metadata.ts';
import { isReservation, told } from './object-info.ts';
import { request } from './request.ts';
import { reservation } from './reservation.ts';
import { stagingKey } from './staging.ts';

/** Deletes a blob if that write made it: object or reservation, with the blocks that were sent under its name. */
export async function undoWrite(
  context: AzureContext,
  name: ObjectName,
  writeId: WriteId,
  { signal, keepObject = false }: UndoOptions = {},
): Promise<UndoResult> {
  const [own, aside] = await Promise.all([
    undoBlob(context, name, writeId, signal, keepObject),
    // A client may have put it there: its name says whose it is.
    undoBlob(context, stagingKey(writeId), undefined, signal),
  ]);
  return aside === 'removed' ? aside : own;
}

/** Deletes one blob if that write made it, or whoever made it where no write is given. */
export async function undoBlob(
  { blob, settings: { timeoutMs } }: AzureContext,
  name: ObjectName,
  writeId: WriteId | undefined,
  signal?: AbortSignal,
  keepObject = false,
): Promise<UndoResult> {
  const one = { signal, operation: 'undo', timeoutMs };
  for (;;) {
    try {
      const found = told(await request(one, abortSignal => blob(name).getProperties({ abortSignal })));
      const { writeId: its } = fromBlobMetadata(found.metadata);
      if (keepObject || (writeId !== undefined && its !== writeId)) return 'foreign';
      let conditions = { ifMatch: found.etag ?? '' };
      if (isReservation(found.contentType)) {
        // Blocks that were sent under a name may outlive its blob (azurite). A commit of none discards them.
        const committed = await request(one, abortSignal =>
          blob(name).commitBlockList([], {
            abortSignal,
            conditions,
            ...reservation(its ?? newWriteId()),
          }),
        );
        conditions = { ifMatch: committed.etag ?? '' };
      }
      await request(one, abortSignal => blob(name).delete({ abortSignal, conditions }));
      return 'removed';
    } catch (error) {
      if (isAbsent(error)) return 'absent';
      // It changed in between: its reservation became the object, say.
      if (!isOtherVersion(error)) throw error;
    }
  }
}

/**
 * Takes back what a failed write may have left. Where its answer was lost that is left to `Storage`, which asks first
 * whether it was done.
 *
 * @returns the error to throw: it says `applied: 'unknown'` when something may be left.
 */
export async function takenBack(
  context: AzureContext,
  failure: unknown,
  name: ObjectName,
  writeId: WriteId,
): Promise<unknown> {
  if (isFieldFileError(failure) && failure.applied === 'unknown') return failure;
  try {
    await undoWrite(context, name, writeId);
    return failure;
  } catch (error) {
    if (!isFieldFileError(failure)) return failure;
    const { code, message, operation, storage, objectName: name, retryable } = failure;
    const cause = new AggregateError([failure, error], 'The write failed, and so did taking it back.');
    return new FieldFileError(code, message, {
      operation,
      storage,
      name,
      retryable,
      applied: 'unknown',
      cause,
    });
  }
}
