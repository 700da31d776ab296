import { FieldFileError, type ObjectInfo } from '@fieldfile/storage';
import type { ObjectName, UploadedOptions, UploadTarget, WriteOptions } from '@fieldfile/storage/backend';
import type { AzureContext, BlobAttributes } from './context.ts';
import { copyOver, encodedAs } from './copy.ts';
import { isRefused, withApplied } from './errors.ts';
import { type BlobProperties, etagOf, isReservation, objectInfo, told } from './object-info.ts';
import { Call } from './request.ts';
import { stagingKey } from './staging.ts';

/** The service copies before it answers. */
const COPY_TIMEOUT_MS = 300_000;

/** What a client says of its upload, beside its type and encoding, which are in the object's info. */
interface UploadHeaders {
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly contentLanguage?: string;
}

/**
 * Puts an upload that went aside over the object that holds its name. What is aside stays: as long as it is there, its URL,
 * which may create only, makes nothing new.
 *
 * @throws `integrity` for an upload of another length or other headers than its URL was given out for.
 */
export async function placeUpload(
  context: AzureContext,
  name: ObjectName,
  { version, writeId }: UploadTarget,
  { exactBytes, signal }: UploadedOptions,
): Promise<ObjectInfo> {
  const aside = stagingKey(writeId);
  const timeoutMs = Math.max(COPY_TIMEOUT_MS, context.settings.timeoutMs);
  const call = new Call({ signal, operation: 'placeUpload', timeoutMs }, true);
  let isCopying = false;
  try {
    const found = told(await call.ask(abortSignal => context.blob(aside).getProperties({ abortSignal })));
    const source = objectInfo(aside, found.contentLength ?? 0, found);
    const { contentType } = found;
    const write = { writeId, ...(contentType === undefined ? {} : { contentType }) } as WriteOptions;
    const attributes = encodedAs(source, context.attributes(name, write));
    if (source.sizeBytes !== exactBytes || isReservation(contentType) || !hasHeaders(found, attributes))
      throw new FieldFileError(
        'integrity',
        `What was uploaded for ${JSON.stringify(name)} has another length or other headers than were given out for it.`,
        { operation: 'placeUpload', name },
      );
    isCopying = true;
    return await copyOver(context, call, source, name, attributes, { ifMatch: etagOf(version) });
  } catch (error) {
    const mayBeDone = isCopying && call.isPatient && !isRefused(error);
    call.stop();
    const failure = context.explain(call.explain(error), 'placeUpload', name);
    throw withApplied(failure, mayBeDone ? 'unknown' : false);
  } finally {
    call.end();
  }
}

/** One request copies the headers as they are: whoever uploads must not have chosen them. */
function hasHeaders(found: BlobProperties & UploadHeaders, { stored }: BlobAttributes): boolean {
  const { blobCacheControl, blobContentDisposition, blobContentLanguage } = stored.blobHTTPHeaders;
  return (
    (found.cacheControl || undefined) === blobCacheControl &&
    (found.contentDisposition || undefined) === blobContentDisposition &&
    (found.contentLanguage || undefined) === blobContentLanguage
  );
}
