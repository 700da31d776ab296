import type { BlobRequestConditions } from '@azure/storage-blob';
import type { ObjectInfo, ObjectVersion } from '@fieldfile/storage';
import type { Candidates, ObjectName, WriteOptions } from '@fieldfile/storage/backend';
import { blockId, MAX_BLOCKS } from './blocks.ts';
import type { AzureContext, BlobAttributes } from './context.ts';
import { isRefused, isTaken } from './errors.ts';
import { etagOf, isReservation, objectInfo, propertiesOf, told } from './object-info.ts';
import { ownWrite } from './own-write.ts';
import { Call } from './request.ts';
import { reserve } from './reservation.ts';
import { takenBack } from './undo.ts';

const MIB = 1024 * 1024;

/** What the service copies in one request, and what it takes from elsewhere in one block. */
const MAX_COPY_BYTES = 256 * MIB;
const MAX_COPIED_BLOCK_BYTES = 100 * MIB;

/** The service copies before it answers. */
const COPY_TIMEOUT_MS = 300_000;

/** Copies an object within the container, without its bytes passing by. */
export async function copyBlob(
  context: AzureContext,
  from: ObjectName,
  names: Candidates,
  options: WriteOptions & { readonly ifMatch?: ObjectVersion },
  notFound: () => Error,
): Promise<ObjectInfo> {
  const { signal, ifMatch, writeId } = options;
  const timeoutMs = Math.max(COPY_TIMEOUT_MS, context.settings.timeoutMs);
  const call = new Call({ signal, operation: 'copy', timeoutMs }, true);
  const conditions = ifMatch === undefined ? {} : { ifMatch: etagOf(ifMatch) };
  let name = names.first;
  let isReserved = false;
  let mayBeLeft = false;
  try {
    const found = told(
      await call.ask(abortSignal => context.blob(from).getProperties({ abortSignal, conditions })),
    );
    if (isReservation(found.contentType)) throw notFound();
    const source = objectInfo(from, found.contentLength ?? 0, found);
    const { cacheControl = found.cacheControl, contentDisposition = found.contentDisposition } = options;
    const kept = {
      ...options,
      contentType: options.contentType ?? found.contentType,
      metadata: options.metadata ?? source.metadata,
    };
    const attributes = (target: ObjectName): BlobAttributes =>
      encodedAs(
        source,
        context.attributes(target, {
          ...kept,
          ...(cacheControl === undefined ? {} : { cacheControl }),
          ...(contentDisposition === undefined ? {} : { contentDisposition }),
        } as WriteOptions),
      );
    // One request copies the headers as they are.
    const keepsHeaders =
      kept.contentType === found.contentType &&
      cacheControl === found.cacheControl &&
      contentDisposition === found.contentDisposition;
    const isOneRequest = keepsHeaders && source.sizeBytes <= MAX_COPY_BYTES;
    for (;;) {
      try {
        mayBeLeft = true;
        if (isOneRequest)
          return await copyWhole(context, call, source, name, attributes(name), { ifNoneMatch: '*' });
        const etag = await reserve(context, call, name, writeId);
        isReserved = true;
        return await copyBlocks(context, call, source, name, attributes(name), { ifMatch: etag });
      } catch (error) {
        if (isReserved || !isRefused(error)) throw error;
        mayBeLeft = false;
        if (!isTaken(error)) throw error;
        const own = isOneRequest && (await ownWrite(context, call, name, writeId));
        if (own) return own;
        name = await names.next(name);
      }
    }
  } catch (error) {
    call.stop();
    const failure = context.explain(call.explain(error), 'copy', from);
    throw mayBeLeft ? await takenBack(context, failure, name, writeId) : failure;
  } finally {
    call.end();
  }
}

/** The copy's bytes are encoded as the original's are, whatever the storage says of new objects. */
export function encodedAs(
  { contentEncoding }: ObjectInfo,
  { stored, ...rest }: BlobAttributes,
): BlobAttributes {
  const { blobContentEncoding: _, ...headers } = stored.blobHTTPHeaders;
  const encoding = contentEncoding === undefined ? {} : { blobContentEncoding: contentEncoding };
  return { ...rest, stored: { ...stored, blobHTTPHeaders: { ...headers, ...encoding } } };
}

/** Puts what was uploaded aside in the place of an object. */
export function copyOver(
  context: AzureContext,
  call: Call,
  source: ObjectInfo,
  name: ObjectName,
  attributes: BlobAttributes,
  conditions: BlobRequestConditions,
): Promise<ObjectInfo> {
  const copy = source.sizeBytes <= MAX_COPY_BYTES ? copyWhole : copyBlocks;
  return copy(context, call, source, name, attributes, conditions);
}

async function copyWhole(
  context: AzureContext,
  call: Call,
  { name: from, sizeBytes, version, digest }: ObjectInfo,
  name: ObjectName,
  attributes: BlobAttributes,
  conditions: BlobRequestConditions,
): Promise<ObjectInfo> {
  const { url, ...authorization } = await context.copySource(from);
  const { blobHTTPHeaders: _, ...stored } = attributes.stored;
  const answer = await call.ask(abortSignal =>
    context.blob(name).syncCopyFromURL(url, {
      ...stored,
      ...authorization,
      abortSignal,
      conditions,
      sourceConditions: { ifMatch: etagOf(version) },
    }),
  );
  const { etag, lastModified } = answer;
  const info = objectInfo(name, sizeBytes, { etag, lastModified, ...propertiesOf(attributes) });
  return digest ? { ...info, digest } : info;
}

async function copyBlocks(
  context: AzureContext,
  call: Call,
  { name: from, sizeBytes, version, digest }: ObjectInfo,
  name: ObjectName,
  attributes: BlobAttributes,
  conditions: BlobRequestConditions,
): Promise<ObjectInfo> {
  const blob = context.blob(name);
  const { url, ...authorization } = await context.copySource(from);
  const { encryptionScope } = attributes.stored;
  const scope = encryptionScope === undefined ? {} : { encryptionScope };
  const blockBytes = Math.max(MAX_COPIED_BLOCK_BYTES, Math.ceil(sizeBytes / MAX_BLOCKS));
  const ids = Array.from({ length: Math.ceil(sizeBytes / blockBytes) }, (_, index) =>
    blockId(attributes.writeId, index),
  );
  const left = ids.entries();
  const worker = async (): Promise<void> => {
    for (const [index, id] of left) {
      const start = index * blockBytes;
      const count = Math.min(blockBytes, sizeBytes - start);
      await call.ask(abortSignal =>
        blob.stageBlockFromURL(id, url, start, count, { ...authorization, ...scope, abortSignal }),
      );
    }
  };
  await inParallel(context.settings.concurrency, worker, () => call.stop());
  // A block cannot be asked for of one version. If it is still the same, they all are of it.
  const conditionsOfSource = { ifMatch: etagOf(version) };
  await call.ask(abortSignal =>
    context.blob(from).getProperties({ abortSignal, conditions: conditionsOfSource }),
  );
  const contentMD5 = digest && Buffer.from(digest.base64, 'base64');
  const answer = await call.ask(abortSignal =>
    blob.commitBlockList(ids, {
      ...attributes.stored,
      abortSignal,
      conditions,
      blobHTTPHeaders: {
        ...attributes.stored.blobHTTPHeaders,
        ...(contentMD5 ? { blobContentMD5: contentMD5 } : {}),
      },
    }),
  );
  return objectInfo(name, sizeBytes, { ...answer, contentMD5, ...propertiesOf(attributes) });
}

/** Runs workers until they are done, or, once one has failed, have stopped. */
async function inParallel(count: number, worker: () => Promise<void>, stop: () => void): Promise<void> {
  const workers = Array.from({ length: count }, async () => {
    try {
      await worker();
    } catch (error) {
      stop();
      throw error;
    }
  });
  try {
    await Promise.all(workers); // rejects with the first failure
  } finally {
    await Promise.allSettled(workers);
  }
}
