import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type CallOptions, type FieldFileError, isFieldFileError } from '@fieldfile/storage';
import { newWriteId, type ObjectName } from '@fieldfile/storage/backend';
import { abortUpload } from './abort-upload.ts';
import { NO_ETAG } from './conditions.ts';
import { copySource } from './key-encoding.ts';
import type { ConditionalWrites } from './options.ts';
import { removeObjects } from './remove.ts';
import type { WriteContext } from './write.ts';

/** What a storage asks of a server, beside writing an object. */
export type ProbedRequest =
  | 'conditional put'
  | 'put if match'
  | 'read'
  | 'copy'
  | 'conditional copy'
  | 'multi-part upload'
  | 'abort of an upload'
  | 'conditional delete'
  | 'bulk delete'
  | 'delete';

type Failures = { readonly [request in ProbedRequest]?: FieldFileError };

/** Which conditions a server keeps, and what else it can do, found out by trying. */
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
  /** What failed that should not, and why. */
  readonly failed: Failures;
}

/**
 * Writes under a name of its own, tries what a storage does and what must be refused, and removes it.
 *
 * @throws where not even an object can be written; `aborted`.
 */
export async function probe(context: WriteContext, { signal }: CallOptions = {}): Promise<ProbeResult> {
  const { connection } = context;
  const id = newWriteId();
  const Key = `fieldfile-probe-${id}` as ObjectName;
  const object = { Bucket: connection.bucket, Key };
  const copied = `${Key}-copy` as ObjectName;
  const call = { operation: 'probe', name: Key, signal, writes: true };
  const report = new Report();
  const put = (condition: { IfNoneMatch?: string; IfMatch?: string }) => () =>
    connection.send(new PutObjectCommand({ ...object, Body: Buffer.from(id), ...condition }), call);
  const copy =
    (condition: { IfNoneMatch?: string }, to = Key) =>
    () =>
      connection.send(
        new CopyObjectCommand({
          Bucket: connection.bucket,
          Key: to,
          MetadataDirective: 'REPLACE',
          CopySource: copySource(connection.bucket, Key),
          ...condition,
        }),
        call,
      );
  const { ETag } = await put({})();
  try {
    const knowsOwnETag = !(await report.refused('put if match', put({ IfMatch: ETag ?? '' })));
    const conditions = {
      put: await report.refused('conditional put', put({ IfNoneMatch: '*' })),
      putIfMatch: knowsOwnETag && (await report.refused('put if match', put({ IfMatch: NO_ETAG }))),
      complete: await completeIsRefused(context, Key, report, signal),
      copy: await report.refused('conditional copy', copy({ IfNoneMatch: '*' })),
      remove: await report.refused('conditional delete', () =>
        connection.send(new DeleteObjectCommand({ ...object, IfMatch: NO_ETAG }), call),
      ),
    };
    // It may have been removed just now.
    if (!conditions.remove) await report.works('delete', put({}));
    await report.works('read', async () => {
      const { Body } = await connection.send(new GetObjectCommand(object), { ...call, writes: false });
      await Body?.transformToByteArray();
    });
    await report.works('copy', copy({}, copied));
    await report.works('bulk delete', async () => {
      for (const error of (await removeObjects(context, [copied], { operation: 'probe' })).values())
        throw error;
    });
    const all = conditions.putIfMatch && conditions.complete && conditions.copy && conditions.remove;
    const conditionalWrites = !conditions.put ? 'unsupported' : all ? 'supported' : 'put-only';
    return { ...conditions, conditionalWrites, failed: report.failed };
  } finally {
    for (const one of report.failed['bulk delete'] ? [Key, copied] : [Key])
      await report.works('delete', () =>
        connection.send(new DeleteObjectCommand({ Bucket: connection.bucket, Key: one }), {
          operation: 'probe',
          name: one,
          writes: true,
        }),
      );
  }
}

/** What is tried may fail in any way: that is what is to be told. */
class Report {
  readonly failed: { -readonly [request in keyof Failures]: Failures[request] } = {};

  async works(request: ProbedRequest, attempt: () => Promise<unknown>): Promise<boolean> {
    try {
      await attempt();
      return true;
    } catch (error) {
      this.#add(request, error);
      return false;
    }
  }

  /** Whether a write was refused because its condition did not hold. */
  async refused(request: ProbedRequest, write: () => Promise<unknown>): Promise<boolean> {
    try {
      await write();
    } catch (error) {
      if (isFieldFileError(error, 'precondition', 'conflict')) return true;
      this.#add(request, error);
    }
    return false;
  }

  #add(request: ProbedRequest, error: unknown): void {
    if (!isFieldFileError(error) || isFieldFileError(error, 'aborted')) throw error;
    this.failed[request] = error;
  }
}

async function completeIsRefused(
  { connection, retry }: WriteContext,
  Key: ObjectName,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const object = { Bucket: connection.bucket, Key };
  const call = { operation: 'probe', name: Key, signal, writes: true };
  let isRefused = false;
  await report.works('multi-part upload', async () => {
    const { UploadId = '' } = await connection.send(new CreateMultipartUploadCommand(object), call);
    const part = { UploadId, PartNumber: 1 };
    await report.works('multi-part upload', async () => {
      const { ETag } = await connection.send(
        new UploadPartCommand({ ...object, ...part, Body: Buffer.from('probe') }),
        call,
      );
      const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
      isRefused = await report.refused('multi-part upload', () =>
        connection.send(
          new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload, IfMatch: NO_ETAG }),
          call,
        ),
      );
    });
    await report.works('abort of an upload', () =>
      abortUpload({ connection, retry }, Key, UploadId, 'probe'),
    );
  });
  return isRefused;
}
