import { createHash } from 'node:crypto';
import { DeleteObjectCommand, DeleteObjectsCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { type CallOptions, isFieldFileError, type ObjectVersion } from '@fieldfile/storage';
import type { ObjectKey } from '@fieldfile/storage/backend';
import { toFieldFileError, unsupported } from './errors.ts';
import { decodeMetadata } from './metadata.ts';
import type { WriteContext } from './write.ts';

/** What one request removes at most. */
const BATCH = 1000;

/** Removes an object. S3 does not tell whether there was one, so it is asked before. */
export async function removeObject(
  { connection, conditionalWrites }: WriteContext,
  key: ObjectKey,
  { ifMatch, signal }: CallOptions & { readonly ifMatch?: ObjectVersion },
): Promise<boolean> {
  const call = { operation: 'remove', name: key, signal };
  const object = { Bucket: connection.bucket, Key: key };
  if (ifMatch !== undefined && conditionalWrites !== 'supported')
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
    if (isFieldFileError(error, 'not-found') && error.objectName === key) return false;
    throw error;
  }
}

/** Removes many in batches, and lists what could not be removed. */
export async function removeObjects(
  { connection }: WriteContext,
  keys: readonly ObjectKey[],
  { signal }: CallOptions = {},
): Promise<ReadonlyMap<ObjectKey, unknown>> {
  const call = { operation: 'removeMany', signal, writes: true };
  const failed = new Map<ObjectKey, unknown>();
  for (let start = 0; start < keys.length; start += BATCH) {
    const batch = keys.slice(start, start + BATCH);
    const command = new DeleteObjectsCommand({
      Bucket: connection.bucket,
      Delete: { Objects: batch.map(Key => ({ Key })), Quiet: true },
    });
    if (!(await connection.sendsChecksums())) addMd5(command);
    const { Errors = [] } = await connection.send(command, call);
    for (const { Key, Code, Message } of Errors) {
      const context = connection.context({ ...call, name: Key });
      failed.set(Key as ObjectKey, toFieldFileError({ Code, message: Message }, context));
    }
  }
  return failed;
}

/** Servers from before the newer checksums insist on this one. */
function addMd5(command: DeleteObjectsCommand): void {
  command.middlewareStack.add(
    next => args => {
      const { request } = args as { readonly request: { headers: Record<string, string>; body: string } };
      request.headers['content-md5'] = createHash('md5').update(request.body).digest('base64');
      return next(args);
    },
    { step: 'build', name: 'fieldfileMd5', override: true },
  );
}
