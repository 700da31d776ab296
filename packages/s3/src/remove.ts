import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  type DeleteObjectsCommandOutput,
  HeadObjectCommand,
} from '@aws-sdk/client-s3';
import { type CallOptions, isFieldFileError, type ObjectVersion } from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';
import type { Call, Connection } from './connection.ts';
import { toFieldFileError, unsupported } from './errors.ts';
import { decodeMetadata } from './metadata.ts';
import type { WriteContext } from './write.ts';

/** What one request removes at most. */
const BATCH = 1000;

/** Removes an object. S3 does not tell whether there was one, so it is asked before. */
export async function removeObject(
  { connection, conditions }: WriteContext,
  name: ObjectName,
  { ifMatch, signal }: CallOptions & { readonly ifMatch?: ObjectVersion },
): Promise<boolean> {
  const call = { operation: 'remove', name, signal };
  const object = { Bucket: connection.bucket, Key: name };
  if (ifMatch !== undefined && !(await conditions.keeps('remove', call)))
    throw unsupported(
      'honours no conditions on deletes: leave out ifMatch, or see the option conditionalWrites',
      connection.context(call),
    );
  const head = await connection.sendIfThere(new HeadObjectCommand(object), call);
  // A name that is held is no object yet: it is given back by the write that holds it.
  if (!head || decodeMetadata(head.Metadata).isReservation) return false;
  const command = new DeleteObjectCommand({
    ...object,
    ...(ifMatch === undefined ? {} : { IfMatch: ifMatch }),
  });
  try {
    await connection.send(command, { ...call, writes: true });
    return true;
  } catch (error) {
    if (isFieldFileError(error, 'not-found') && error.objectName === name) return false;
    throw error;
  }
}

/** Removes many in batches, and lists what could not be removed. */
export async function removeObjects(
  { connection }: Pick<WriteContext, 'connection'>,
  names: readonly ObjectName[],
  { signal, operation = 'removeMany' }: CallOptions & { readonly operation?: string } = {},
): Promise<ReadonlyMap<ObjectName, unknown>> {
  const call = { operation, signal, writes: true };
  const failed = new Map<ObjectName, unknown>();
  for (let start = 0; start < names.length; start += BATCH) {
    const batch = names.slice(start, start + BATCH);
    const { Errors = [] } = await sendBatch(connection, batch, call);
    for (const { Key, Code, Message } of Errors) {
      const context = connection.context({ ...call, name: Key });
      failed.set(Key as ObjectName, toFieldFileError({ Code, message: Message }, context));
    }
  }
  return failed;
}

/** With one kind of digest, which the service insists on: MD5 where it is not told of others, or asks for that one. */
async function sendBatch(
  connection: Connection,
  batch: readonly ObjectName[],
  call: Call,
): Promise<DeleteObjectsCommandOutput> {
  const send = (md5: boolean): Promise<DeleteObjectsCommandOutput> =>
    connection.send(
      new DeleteObjectsCommand({
        Bucket: connection.bucket,
        Delete: { Objects: batch.map(Key => ({ Key })), Quiet: true },
      }),
      { ...call, md5 },
    );
  if (!(await connection.sendsChecksums())) return send(true);
  try {
    return await send(false);
  } catch (error) {
    if (!isFieldFileError(error) || !/content-?md5/i.test(error.message)) throw error;
    return send(true);
  }
}
