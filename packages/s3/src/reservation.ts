import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { isFieldFileError, type ObjectVersion, type WriteId } from '@fieldfile/storage';
import {
  type Candidates,
  firstFree,
  type ObjectName,
  throwIfAborted,
  withRetries,
} from '@fieldfile/storage/backend';
import { LostAnswer } from './lost-answer.ts';
import { decodeMetadata, reservationMetadata } from './metadata.ts';
import { encryptionOf } from './options.ts';
import type { Target, WriteContext } from './write.ts';

/** A name held by a tiny object until the content is whole. */
export interface Reservation {
  readonly name: ObjectName;
  readonly version: ObjectVersion;
}

/** A listing tells no more of an object than its size: an odd one, so that few others have to be asked about. */
export const RESERVATION_BYTES = 997;

/** Holds the first name that is free. Its content has the write id, so that its ETag is nobody else's. */
export async function reserve(
  context: WriteContext,
  names: Candidates,
  target: Pick<Target, 'operation' | 'options'>,
): Promise<Reservation> {
  return firstFree(names, async name => {
    const version = await putReservation(context, name, target);
    return version && { name, version };
  });
}

/** Repeated when its answer was lost, too: what it then meets may be what it made. */
async function putReservation(
  context: WriteContext,
  name: ObjectName,
  { operation, options: { writeId, signal } }: Pick<Target, 'operation' | 'options'>,
): Promise<ObjectVersion | undefined> {
  const { connection, parametersOf, retry } = context;
  throwIfAborted(signal, operation);
  const call = { operation, name, signal, writes: true };
  const lost = new LostAnswer();
  const put = async (): Promise<ObjectVersion | undefined> => {
    try {
      const { ETag } = await lost.watch(
        connection.send(
          new PutObjectCommand({
            Bucket: connection.bucket,
            Key: name,
            ...encryptionOf(parametersOf(name)),
            Body: bodyOf(writeId),
            Metadata: reservationMetadata(writeId),
            IfNoneMatch: '*',
          }),
          call,
        ),
      );
      return ETag as ObjectVersion;
    } catch (error) {
      if (!isFieldFileError(error, 'precondition')) throw error;
      if (!lost.wasLost) return undefined;
      const head = await connection.sendIfThere(
        new HeadObjectCommand({ Bucket: connection.bucket, Key: name }),
        call,
      );
      const isOurs = head !== undefined && decodeMetadata(head.Metadata).writeId === writeId;
      return isOurs ? (head.ETag as ObjectVersion) : undefined;
    }
  };
  return lost.told(withRetries(put, retry, signal));
}

const bodyOf = (writeId: WriteId): Uint8Array =>
  Buffer.from(
    `FieldFile holds this name for write ${writeId}.\n`.padEnd(RESERVATION_BYTES).slice(0, RESERVATION_BYTES),
  );
