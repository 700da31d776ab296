import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type CallOptions, isFieldFileError } from '@fieldfile/storage';
import { newWriteId, type ObjectKey } from '@fieldfile/storage/backend';
import { copySource } from './key-encoding.ts';
import { abortUpload } from './multipart.ts';
import type { ConditionalWrites } from './options.ts';
import type { WriteContext } from './write.ts';

/** Which conditions a server keeps, found out by trying. */
export interface ProbeResult {
  /** What to give as the option of that name. */
  readonly conditionalWrites: ConditionalWrites;
  /** PutObject does not overwrite when it must not. */
  readonly put: boolean;
  /** PutObject replaces the version that is asked for, and no other. */
  readonly putIfMatch: boolean;
  /** CompleteMultipartUpload keeps its conditions. */
  readonly complete: boolean;
  /** CopyObject does not overwrite when it must not. */
  readonly copy: boolean;
  /** DeleteObject removes only the version that is asked for. */
  readonly remove: boolean;
}

/** No object has it. */
const NO_ETAG = '"00000000000000000000000000000000"';

/** Writes under a name of its own, tries what must be refused, and removes it. */
export async function probe(context: WriteContext, { signal }: CallOptions = {}): Promise<ProbeResult> {
  const { connection } = context;
  const id = newWriteId();
  const Key = `fieldfile-probe-${id}` as ObjectKey;
  const object = { Bucket: connection.bucket, Key };
  const call = { operation: 'probe', name: Key, signal, writes: true };
  const put = (condition: { IfNoneMatch?: string; IfMatch?: string }) => () =>
    connection.send(new PutObjectCommand({ ...object, Body: Buffer.from(id), ...condition }), call);
  try {
    const { ETag } = await put({})();
    const knowsOwnETag = !(await isRefused(put({ IfMatch: ETag ?? '' })));
    const result = {
      put: await isRefused(put({ IfNoneMatch: '*' })),
      putIfMatch: knowsOwnETag && (await isRefused(put({ IfMatch: NO_ETAG }))),
      complete: await completeIsRefused(context, Key, signal),
      copy: await isRefused(() =>
        connection.send(
          new CopyObjectCommand({
            ...object,
            MetadataDirective: 'REPLACE',
            CopySource: copySource(connection.bucket, Key),
            IfNoneMatch: '*',
          }),
          call,
        ),
      ),
      remove: await isRefused(() =>
        connection.send(new DeleteObjectCommand({ ...object, IfMatch: NO_ETAG }), call),
      ),
    };
    const all = result.putIfMatch && result.complete && result.copy && result.remove;
    return { ...result, conditionalWrites: !result.put ? 'unsupported' : all ? 'supported' : 'put-only' };
  } finally {
    await connection.send(new DeleteObjectCommand(object), { operation: 'probe', name: Key, writes: true });
  }
}

async function completeIsRefused(
  { connection, retry }: WriteContext,
  Key: ObjectKey,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const object = { Bucket: connection.bucket, Key };
  const call = { operation: 'probe', name: Key, signal, writes: true };
  const { UploadId } = await connection.send(new CreateMultipartUploadCommand(object), call);
  try {
    const { ETag } = await connection.send(
      new UploadPartCommand({ ...object, UploadId, PartNumber: 1, Body: Buffer.from('probe') }),
      call,
    );
    return await isRefused(() =>
      connection.send(
        new CompleteMultipartUploadCommand({
          ...object,
          UploadId,
          MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
          IfMatch: NO_ETAG,
        }),
        call,
      ),
    );
  } finally {
    await abortUpload({ connection, retry }, Key, UploadId ?? '', 'probe');
  }
}

/** @throws whatever is no answer to the question. */
async function isRefused(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return false;
  } catch (error) {
    if (isFieldFileError(error, 'precondition', 'conflict')) return true;
    // It does not know the header: it has kept nobody from anything, but it says so.
    if (isFieldFileError(error, 'unsupported')) return false;
    throw error;
  }
}
