import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  HeadObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { isFieldFileError, type ObjectInfo } from '@fieldfile/storage';
import { type ObjectName, withRetries } from '@fieldfile/storage/backend';
import { abortUpload, abortUploads } from './abort-upload.ts';
import { aborted, notTakenBack, withApplied } from './errors.ts';
import { LostAnswer } from './lost-answer.ts';
import { decodeMetadata } from './metadata.ts';
import type { Part } from './parts.ts';
import { bodyOf, crc32Of } from './request-body.ts';
import type { Stop } from './stop.ts';
import {
  headersOf,
  keptCondition,
  type ObjectHeaders,
  type Target,
  type WriteContext,
  writtenInfo,
} from './write.ts';

/** A multi-part upload under way. */
export interface Upload {
  readonly name: ObjectName;
  readonly uploadId: string;
  /** Whether its parts carry a CRC32, and the object one of the whole. */
  readonly hasChecksums: boolean;
}

/** Uploads parts as they come, `queueSize` at most being in memory at once. */
export async function putParts(
  context: WriteContext,
  target: Target,
  parts: AsyncIterable<Part>,
  stop: Stop,
): Promise<ObjectInfo> {
  let sizeBytes = 0;
  return multipart(context, target, stop, headersOf(context, target), async upload => {
    async function* tasks(): AsyncGenerator<() => Promise<CompletedPart>> {
      let number = 0;
      for await (const part of parts) {
        const partNumber = ++number;
        sizeBytes += part.sizeBytes;
        yield async () => {
          const completed = await putOnePart(context, target, upload, partNumber, part, stop);
          part.release();
          target.progress.add(part.sizeBytes);
          return completed;
        };
      }
    }
    return { parts: await inParallel(tasks(), context.queueSize, stop), sizeBytes };
  });
}

/** Makes an object of the parts that `send` uploads; without all of them, nothing is left. */
export async function multipart(
  context: WriteContext,
  target: Target,
  stop: Stop,
  headers: ObjectHeaders,
  send: (upload: Upload) => Promise<{ readonly parts: CompletedPart[]; readonly sizeBytes: number }>,
): Promise<ObjectInfo> {
  const { connection } = context;
  const { operation, name, options } = target;
  const condition = await keptCondition(context, 'complete', target);
  const hasChecksums = await connection.sendsChecksums();
  const call = { operation, name, signal: stop.signal, writes: true };
  const uploadId = await beginUpload(context, target, stop, {
    ...headers,
    ...(hasChecksums ? { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' } : {}),
  });
  const upload: Upload = { name, uploadId, hasChecksums };
  context.liveUploads.add(upload.uploadId);
  try {
    const { parts, sizeBytes } = await send(upload);
    const output = await completeUpload(context, target, stop, {
      UploadId: upload.uploadId,
      MultipartUpload: { Parts: parts },
      ...(hasChecksums ? { ChecksumType: 'FULL_OBJECT', MpuObjectSize: sizeBytes } : {}),
      ...condition,
    });
    if (options.signal?.aborted) throw aborted(options.signal, connection.context(call));
    return writtenInfo(context, target, sizeBytes, output);
  } catch (error) {
    throw await afterAbort(context, target, upload, stop.cause(error));
  } finally {
    context.liveUploads.delete(upload.uploadId);
  }
}

/**
 * Begins an upload. Where the answer is lost, one may have begun that nobody knows of: it is no object, and has no bytes.
 * Where the name is held for this write, it is found and aborted.
 */
export async function beginUpload(
  context: WriteContext,
  target: Target,
  stop: Stop,
  input: CreateMultipartUploadCommandInput,
): Promise<string> {
  const { connection, retry } = context;
  const { operation, name, condition } = target;
  const isHeld = operation !== 'replace' && condition.IfMatch !== undefined;
  const call = { operation, name, signal: stop.signal, writes: true };
  const attempt = async (): Promise<string> => {
    try {
      const { UploadId = '' } = await connection.send(new CreateMultipartUploadCommand(input), call);
      return UploadId;
    } catch (error) {
      if (!isFieldFileError(error) || error.applied !== 'unknown') throw error;
      if (isHeld && stop.signal.aborted) throw error; // whoever takes the name back finds it
      if (isHeld) await withRetries(() => abortUnknown(context, target), retry, undefined);
      throw withApplied(error, false, error.cause);
    }
  };
  return withRetries(attempt, retry, stop.signal);
}

/** Aborts the uploads that began since the name was held. */
async function abortUnknown(context: WriteContext, { operation, name }: Target): Promise<void> {
  const { connection } = context;
  const head = await connection.sendIfThere(new HeadObjectCommand({ Bucket: connection.bucket, Key: name }), {
    operation,
    name,
  });
  if (head) await abortUploads(context, name, { from: head.LastModified }, undefined);
}

/** Makes the object; one that was made although its answer was lost is found by its write id. */
export async function completeUpload(
  context: WriteContext,
  target: Target,
  stop: Stop,
  input: Omit<CompleteMultipartUploadCommandInput, 'Bucket' | 'Key'>,
): Promise<Completed> {
  const { connection, retry } = context;
  const { operation, name } = target;
  const object = { Bucket: connection.bucket, Key: name };
  const call = { operation, name, signal: stop.signal, writes: true };
  const lost = new LostAnswer();
  const attempt = async (): Promise<Completed> => {
    try {
      return await lost.watch(
        connection.send(new CompleteMultipartUploadCommand({ ...object, ...input }), call),
      );
    } catch (error) {
      if (!lost.wasLost || stop.signal.aborted) throw error;
      const headers = await connection.asksForChecksum();
      const head = await connection.sendIfThere(new HeadObjectCommand(object), { ...call, headers });
      const { writeId, isReservation } = decodeMetadata(head?.Metadata);
      if (head === undefined || isReservation || writeId !== target.options.writeId) throw error;
      return { ...head, answeredAt: head.LastModified ?? head.answeredAt };
    }
  };
  return lost.told(withRetries(attempt, retry, stop.signal));
}

/** What an answer tells of the object that was made. */
type Completed = Parameters<typeof writtenInfo>[3];

/** Runs tasks as they come, at most `queueSize` at once; the first failure ends them all. */
export async function inParallel<T>(
  tasks: AsyncIterable<() => Promise<T>> | Iterable<() => Promise<T>>,
  queueSize: number,
  stop: Stop,
): Promise<T[]> {
  const results: T[] = [];
  const running = new Set<Promise<void>>();
  let count = 0;
  try {
    for await (const task of tasks) {
      const index = count++;
      const run: Promise<void> = task()
        .then(result => {
          results[index] = result;
        }, stop.fail)
        .finally(() => running.delete(run));
      running.add(run);
      while (running.size >= queueSize) await Promise.race(running);
      if (stop.failed) break;
    }
  } catch (error) {
    stop.fail(error);
  }
  await Promise.all(running);
  if (stop.failed) throw stop.cause(undefined);
  return results;
}

export async function putOnePart(
  { connection, retry }: WriteContext,
  { operation, name }: Pick<Target, 'operation' | 'name'>,
  { uploadId, hasChecksums }: Omit<Upload, 'name'>,
  partNumber: number,
  part: Part,
  stop: Stop,
): Promise<CompletedPart> {
  const checksum = hasChecksums ? { ChecksumCRC32: crc32Of(part.chunks) } : {};
  const { ETag } = await withRetries(
    () =>
      connection.send(
        new UploadPartCommand({
          Bucket: connection.bucket,
          Key: name,
          UploadId: uploadId,
          PartNumber: partNumber,
          Body: bodyOf(part.chunks, stop.fail),
          ContentLength: part.sizeBytes,
          ...checksum,
        }),
        { operation, name, signal: stop.signal },
      ),
    retry,
    stop.signal,
  );
  return { PartNumber: partNumber, ETag, ...checksum };
}

/** The error to throw once the upload is taken back: where it could not be, something is left. */
async function afterAbort(
  context: WriteContext,
  { name, operation }: Target,
  { uploadId }: Upload,
  error: unknown,
): Promise<unknown> {
  try {
    await abortUpload(context, name, uploadId, operation);
    return error;
  } catch (left) {
    return notTakenBack(error, left);
  }
}
