import {
  type CompletedPart,
  CopyObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { isFieldFileError, type ObjectInfo, type ObjectVersion } from '@fieldfile/storage';
import {
  type Candidates,
  firstFree,
  type ObjectName,
  throwIfAborted,
  type WriteOptions,
  withRetries,
} from '@fieldfile/storage/backend';
import { aborted, missingObject, otherVersion } from './errors.ts';
import { copySource } from './key-encoding.ts';
import { inParallel, multipart } from './multipart.ts';
import { objectInfo } from './object-info.ts';
import type { ObjectParameters } from './options.ts';
import { reserve } from './reservation.ts';
import { Stop } from './stop.ts';
import { overReservation, requireConditions } from './upload.ts';
import {
  type Condition,
  headersOf,
  NOBODY_HAS_IT,
  Progress,
  type Target,
  type WriteContext,
  writtenInfo,
} from './write.ts';

/** Pieces in which an object goes that is too large for one request. */
const PIECE_BYTES = 1024 * 1024 * 1024;

/** An object to be copied, as it was when it was looked at. */
interface Original {
  readonly info: ObjectInfo;
  readonly head: HeadObjectCommandOutput;
}

/** Copies within the bucket: exactly the version that was looked at, with what is kept beside its bytes. */
export async function copyObject(
  storage: WriteContext,
  from: ObjectName,
  names: Candidates,
  options: WriteOptions & { readonly ifMatch?: ObjectVersion },
): Promise<ObjectInfo> {
  throwIfAborted(options.signal, 'copy');
  await requireConditions(storage, { operation: 'copy', name: names.first, signal: options.signal });
  const original = await look(storage, from, options);
  const { info } = original;
  const parametersOf = (name: ObjectName): ObjectParameters =>
    copiedParameters(storage.parametersOf(name), original.head);
  const context = { ...storage, parametersOf };
  const { ContentType, CacheControl, ContentDisposition } = original.head;
  const kept: WriteOptions = {
    ...(ContentType === undefined ? {} : { contentType: ContentType }),
    ...(CacheControl === undefined ? {} : { cacheControl: CacheControl }),
    ...(ContentDisposition === undefined ? {} : { contentDisposition: ContentDisposition }),
    metadata: info.metadata,
    ...options,
  };
  const progress = new Progress({}, info.sizeBytes);
  const to = (name: ObjectName, condition: Condition): Target => ({
    operation: 'copy',
    name,
    condition,
    options: kept,
    progress,
  });
  const { signal } = options;
  const isOnePiece = info.sizeBytes <= context.maxCopyBytes;
  const isKept = await context.conditions.keeps('copy', { operation: 'copy', signal });
  if (isOnePiece && isKept)
    return firstFree(names, name => copyWhole(context, original, to(name, NOBODY_HAS_IT)));
  const reservation = await reserve(context, names, { operation: 'copy', options: kept });
  return overReservation(context, reservation, to, async target => {
    const changed = (): Error => otherVersion(context.connection.context({ operation: 'copy', name: from }));
    const copied = isOnePiece
      ? await copyWhole(context, original, { ...target, condition: {} })
      : await copyInPieces(context, original, target);
    if (!copied) throw changed();
    // The server may have copied whatever was there by then.
    if (!isKept && (await look(context, from, signal ? { signal } : {})).info.version !== info.version)
      throw changed();
    return copied;
  });
}

async function look(
  { connection }: WriteContext,
  from: ObjectName,
  { ifMatch, signal }: { readonly ifMatch?: ObjectVersion; readonly signal?: AbortSignal },
): Promise<Original> {
  const call = { operation: 'copy', name: from, signal };
  const head = await connection.sendIfThere(
    new HeadObjectCommand({
      Bucket: connection.bucket,
      Key: from,
      ...(ifMatch === undefined ? {} : { IfMatch: ifMatch }),
    }),
    call,
  );
  const info = head && objectInfo(from, head);
  if (!info) throw missingObject(connection.context(call));
  if (ifMatch !== undefined && info.version !== ifMatch) throw otherVersion(connection.context(call));
  return { info, head };
}

/** Undefined when the name is occupied. */
async function copyWhole(
  context: WriteContext,
  { info: { name: from, version, sizeBytes } }: Original,
  target: Target,
): Promise<ObjectInfo | undefined> {
  const { connection } = context;
  const { name, condition, options } = target;
  const call = { operation: 'copy', name, signal: options.signal, writes: true };
  try {
    const { CopyObjectResult, answeredAt } = await connection.send(
      new CopyObjectCommand({
        ...headersOf(context, target),
        CopySource: copySource(connection.bucket, from),
        CopySourceIfMatch: version,
        MetadataDirective: 'REPLACE',
        ...condition,
      }),
      call,
    );
    if (options.signal?.aborted) throw aborted(options.signal, connection.context(call));
    return writtenInfo(context, target, sizeBytes, { ...CopyObjectResult, answeredAt });
  } catch (error) {
    if (isFieldFileError(error, 'not-found'))
      throw missingObject(connection.context({ operation: 'copy', name: from }));
    if (!isFieldFileError(error, 'precondition')) throw error;
    // Either the name is occupied or the original has changed: one answer for both.
    const original = await look(context, from, options);
    if (original.info.version !== version)
      throw otherVersion(connection.context({ operation: 'copy', name: from }), error);
    return undefined;
  }
}

async function copyInPieces(
  context: WriteContext,
  { info: { name: from, version, sizeBytes } }: Original,
  target: Target,
): Promise<ObjectInfo> {
  const { connection, retry, queueSize } = context;
  const { name } = target;
  const pieceBytes = Math.min(PIECE_BYTES, context.maxCopyBytes);
  using stop = new Stop(target.options.signal);
  return await multipart(context, target, stop, headersOf(context, target), async ({ uploadId }) => {
    function* tasks(): Generator<() => Promise<CompletedPart>> {
      for (let start = 0; start < sizeBytes; start += pieceBytes) {
        const PartNumber = start / pieceBytes + 1;
        const end = Math.min(start + pieceBytes, sizeBytes) - 1;
        yield () =>
          withRetries(
            async () => {
              const { CopyPartResult } = await connection.send(
                new UploadPartCopyCommand({
                  Bucket: connection.bucket,
                  Key: name,
                  UploadId: uploadId,
                  PartNumber,
                  CopySource: copySource(connection.bucket, from),
                  CopySourceIfMatch: version,
                  CopySourceRange: `bytes=${start}-${end}`,
                }),
                { operation: 'copy', name: from, signal: stop.signal },
              );
              const checksum = CopyPartResult?.ChecksumCRC32;
              return {
                PartNumber,
                ETag: CopyPartResult?.ETag,
                ...(checksum === undefined ? {} : { ChecksumCRC32: checksum }),
              };
            },
            retry,
            stop.signal,
          );
      }
    }
    return { parts: await inParallel(tasks(), queueSize, stop), sizeBytes };
  });
}

/** The copy's bytes are encoded as the original's are, whatever the storage says of new objects. */
function copiedParameters(
  parameters: ObjectParameters,
  { ContentEncoding, ContentLanguage }: HeadObjectCommandOutput,
): ObjectParameters {
  return { ...parameters, ContentEncoding, ContentLanguage: ContentLanguage ?? parameters.ContentLanguage };
}
