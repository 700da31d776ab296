import { HeadObjectCommand, ListPartsCommand, type ListPartsCommandOutput } from '@aws-sdk/client-s3';
import {
  type CallOptions,
  FieldFileError,
  isFieldFileError,
  type ObjectInfo,
  type ObjectVersion,
  type Source,
} from '@fieldfile/storage';
import {
  type BeginOptions,
  type Candidates,
  type GivenToParts,
  type ObjectName,
  PageTokens,
  type PartedWrite,
  type PartedWrites,
  type PartLimits,
  type PartPlace,
  readPartedId,
  type SignedPart,
  type SignPartOptions,
  type StoredPart,
  type WriteOptions,
  type WritePartOptions,
  withRetries,
} from '@fieldfile/storage/backend';
import { abortUpload } from './abort-upload.ts';
import { notTakenBack, otherVersion } from './errors.ts';
import { decodeMetadata } from './metadata.ts';
import { beginUpload, completeUpload, putOnePart } from './multipart.ts';
import { objectInfo } from './object-info.ts';
import { MEBIBYTE } from './options.ts';
import { wholeOf } from './parts.ts';
import { reserve } from './reservation.ts';
import { Stop } from './stop.ts';
import { undo } from './undo.ts';
import { requireConditions } from './upload.ts';
import { signPart, type UrlContext } from './url.ts';
import { headersOf, keptCondition, Progress, type Target, type WriteContext, writtenInfo } from './write.ts';

/** What `PartedWrite.id` says. */
interface Begun {
  readonly uploadId: string;
  /** Of what holds the name. */
  readonly held: ObjectVersion;
  readonly hasChecksums: boolean;
  readonly given: GivenToParts;
}

/**
 * Objects in parts: a multipart upload, over the reservation of its name. It is completed on the condition that the reservation
 * is still there. Where the server does not know that condition, it is looked at right before.
 */
export class S3Parts implements PartedWrites {
  readonly limits: PartLimits = {
    minPartBytes: 5 * MEBIBYTE,
    maxPartBytes: 5 * 1024 * MEBIBYTE,
    maxParts: 10_000,
  };
  readonly signPart?: (write: PartedWrite, place: PartPlace, options: SignPartOptions) => Promise<SignedPart>;
  readonly #context: WriteContext;

  /** @param urls absent where nothing can be signed. */
  constructor(context: WriteContext, urls: UrlContext | undefined) {
    this.#context = context;
    if (!urls) return;
    this.signPart = async (write, { number }, options) => {
      const { uploadId, hasChecksums } = this.#begun('signPart', write);
      if (hasChecksums !== (options.digest !== undefined)) throw otherDigest(write, number, hasChecksums);
      return signPart(urls, write.name, { uploadId, partNumber: String(number) }, options);
    };
  }

  async begin(names: Candidates, options: BeginOptions): Promise<PartedWrite> {
    const context = this.#context;
    const { byClients = false, partDigest, writeId, signal, onProgress: _, ...given } = options;
    await requireConditions(context, { operation: 'begin', name: names.first, signal });
    const write = { ...given, writeId, ...(signal ? { signal } : {}) };
    const { name, version: held } = await reserve(context, names, { operation: 'begin', options: write });
    try {
      const isDigested = !byClients || partDigest !== undefined;
      const hasChecksums = isDigested && (await context.connection.sendsChecksums());
      const target = targetOf('begin', name, held, write);
      using stop = new Stop(signal);
      const uploadId = await beginUpload(context, target, stop, {
        ...headersOf(context, target),
        ...(hasChecksums ? { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' } : {}),
      });
      return {
        ...{ name, writeId, id: idOf({ uploadId, held, hasChecksums, given }) },
        ...(hasChecksums && partDigest ? { partDigest } : {}),
      };
    } catch (error) {
      await withRetries(() => undo(context, name, writeId), context.retry, undefined).catch(left => {
        throw notTakenBack(error, left);
      });
      throw error;
    }
  }

  async writePart(
    write: PartedWrite,
    { number }: PartPlace,
    source: Source,
    { signal, onProgress }: WritePartOptions = {},
  ): Promise<StoredPart> {
    const begun = this.#begun('writePart', write);
    using stop = new Stop(signal);
    try {
      const part = await wholeOf(source, stop.signal);
      const { sizeBytes } = part;
      const target = { operation: 'writePart', name: write.name } as const;
      const stored = await putOnePart(this.#context, target, begun, number, part, stop);
      onProgress?.({ sentBytes: sizeBytes, totalBytes: sizeBytes });
      return { number, sizeBytes, receipt: receiptOf(stored) };
    } catch (error) {
      throw stop.cause(error);
    }
  }

  async complete(
    write: PartedWrite,
    parts: readonly StoredPart[],
    { signal }: CallOptions = {},
  ): Promise<ObjectInfo> {
    const context = this.#context;
    const { name, writeId } = write;
    const { uploadId, held, hasChecksums, given } = this.#begun('complete', write);
    const options: WriteOptions = { ...given, writeId, ...(signal ? { signal } : {}) };
    const target = targetOf('complete', name, held, options);
    using stop = new Stop(signal);
    try {
      const condition = await keptCondition(context, 'complete', target);
      if (condition.IfMatch === undefined) await this.#requireHeld(write, held, signal);
      // An upload has one part at the least.
      const stored =
        parts.length > 0 ? parts : [await this.writePart(write, { number: 1, offset: 0 }, EMPTY)];
      const sizeBytes = stored.reduce((sum, part) => sum + part.sizeBytes, 0);
      const output = await completeUpload(context, target, stop, {
        UploadId: uploadId,
        MultipartUpload: { Parts: stored.map(partOf) },
        ...(hasChecksums ? { ChecksumType: 'FULL_OBJECT' } : {}),
        // What clients have sent nobody has counted here: a server that knows the header holds it against the length.
        ...((await context.connection.sendsChecksums()) ? { MpuObjectSize: sizeBytes } : {}),
        ...condition,
      });
      return writtenInfo(context, target, sizeBytes, output);
    } catch (error) {
      const isOver = isFieldFileError(error, 'precondition', 'not-found', 'conflict') && !error.retryable;
      if (!isOver || error.objectName !== name) throw error;
      const { made, isHeld } = await this.#look('complete', write, signal);
      if (made) return made;
      if (error.code === 'conflict' || isHeld) throw error;
      // Nothing leads from its name to the upload any more.
      await abortUpload(context, name, uploadId, 'complete');
      throw otherVersion(context.connection.context({ operation: 'complete', name }), error);
    }
  }

  async listParts(write: PartedWrite, { signal }: CallOptions = {}): Promise<readonly StoredPart[]> {
    const { connection } = this.#context;
    const { name } = write;
    const { uploadId } = this.#begun('listParts', write);
    const call = { operation: 'listParts', name, signal };
    const tokens = new PageTokens(connection.context(call));
    const stored: StoredPart[] = [];
    let marker: string | undefined;
    do {
      const command: ListPartsCommand = new ListPartsCommand({
        Bucket: connection.bucket,
        Key: name,
        UploadId: uploadId,
        ...(marker === undefined ? {} : { PartNumberMarker: marker }),
      });
      const page: ListPartsCommandOutput = await connection.send(command, call);
      for (const part of page.Parts ?? [])
        stored.push({ number: part.PartNumber ?? 0, sizeBytes: part.Size ?? 0, receipt: receiptOf(part) });
      marker = tokens.next(page.IsTruncated ? page.NextPartNumberMarker : undefined);
    } while (marker !== undefined);
    return stored;
  }

  /** What is under the name: the object that this write made, or what holds it for the write, or something else. */
  async #look(
    operation: string,
    { name, writeId }: PartedWrite,
    signal: AbortSignal | undefined,
  ): Promise<{
    readonly made: ObjectInfo | undefined;
    readonly isHeld: boolean;
    readonly etag?: string | undefined;
  }> {
    const { connection } = this.#context;
    const headers = await connection.asksForChecksum();
    const head = await connection.sendIfThere(
      new HeadObjectCommand({ Bucket: connection.bucket, Key: name }),
      { operation, name, signal, headers },
    );
    const { writeId: its, isReservation } = decodeMetadata(head?.Metadata);
    if (!head || its !== writeId) return { made: undefined, isHeld: false };
    return { made: objectInfo(name, head), isHeld: isReservation, etag: head.ETag };
  }

  async #requireHeld(
    write: PartedWrite,
    held: ObjectVersion,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { isHeld, etag } = await this.#look('complete', write, signal);
    if (isHeld && etag === held) return;
    throw otherVersion(this.#context.connection.context({ operation: 'complete', name: write.name }));
  }

  /** @throws `invalid-argument` for a text that is none of ours. */
  #begun(operation: string, write: PartedWrite): Begun {
    return readPartedId({ operation, storage: this.#context.connection.id }, write, begunOf);
  }
}

const EMPTY: Source = {
  sizeBytes: 0,
  replayable: true,
  bytes: new Uint8Array(),
  async *open() {},
};

const targetOf = (
  operation: Target['operation'],
  name: ObjectName,
  held: ObjectVersion,
  options: WriteOptions,
): Target => ({
  operation,
  name,
  condition: { IfMatch: held },
  options,
  progress: new Progress({}, undefined),
});

const idOf = ({ uploadId, held, hasChecksums, given }: Begun): string =>
  JSON.stringify([uploadId, held, hasChecksums ? 1 : 0, given]);

const begunOf = ([uploadId, held, hasChecksums, given]: readonly unknown[]): Begun | undefined =>
  typeof uploadId === 'string' && typeof held === 'string' && typeof given === 'object'
    ? {
        uploadId,
        held: held as ObjectVersion,
        hasChecksums: hasChecksums === 1,
        given: given as GivenToParts,
      }
    : undefined;

/** The service takes no part without the checksum that its upload began with, nor with one where that had none. */
const otherDigest = ({ name }: PartedWrite, number: number, isNeeded: boolean): FieldFileError =>
  new FieldFileError(
    'invalid-argument',
    isNeeded
      ? `Part ${number} is signed with its digest, as all of this write: give { digest: { algorithm: 'crc32', base64 } }, or begin without partDigest (signPart).`
      : `Parts of this write have no digest: sign part ${number} without, or begin with partDigest where the storage is told of checksums (signPart).`,
    { operation: 'signPart', name },
  );

/** The ETag, which has no space, and the checksum where there is one. */
const receiptOf = ({
  ETag = '',
  ChecksumCRC32,
}: {
  readonly ETag?: string | undefined;
  readonly ChecksumCRC32?: string | undefined;
}): string => (ChecksumCRC32 === undefined ? ETag : `${ETag} ${ChecksumCRC32}`);

function partOf({ number, receipt }: StoredPart): {
  readonly PartNumber: number;
  readonly ETag: string;
  readonly ChecksumCRC32?: string;
} {
  const [ETag = '', ChecksumCRC32] = receipt.split(' ');
  return { PartNumber: number, ETag, ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }) };
}
