import type { CallOptions } from '@fieldfile/storage';
import type { ObjectName, SessionOptions, UploadSession } from '@fieldfile/storage/backend';
import { attributesOf, type ObjectParametersOption } from './attributes.ts';
import type { Bucket } from './bucket.ts';
import { isMissingObject, isStatus } from './errors.ts';
import { sizeOf } from './resource.ts';
import { UndoneError } from './service-error.ts';

/**
 * Begins a resumable upload for a client. What the object gets is said here, and nothing that the client sends changes it.
 *
 * @returns its address.
 * @see https://cloud.google.com/storage/docs/performing-resumable-uploads#initiate-session
 */
export function startSession(
  bucket: Bucket,
  name: ObjectName,
  { replaces, exactBytes, contentType, digest, origin, signal }: SessionOptions,
  parameters: ObjectParametersOption | undefined,
): Promise<string> {
  const { version: ifGenerationMatch, writeId } = replaces;
  const given = { writeId, ...(contentType === undefined ? {} : { contentType }) };
  const attributes = { ...attributesOf(name, given, parameters), ...checkedBy(digest) };
  const context = { ...contextOf('startSession', signal), ...(origin === undefined ? {} : { origin }) };
  return bucket.startUpload(name, exactBytes, attributes, { ifGenerationMatch }, context);
}

/** How many bytes came. Once all of them did, this makes the object, if that was not done. */
export async function sessionBytes(
  bucket: Bucket,
  { url, sizeBytes }: UploadSession,
  { signal }: CallOptions,
): Promise<number> {
  const nothing = { chunks: [], offset: 0, sizeBytes: 0, total: sizeBytes };
  try {
    const state = await bucket.uploadPart(url, nothing, contextOf('sessionBytes', signal));
    return 'resource' in state ? sizeOf(state.resource) : state.receivedBytes;
  } catch (error) {
    // What it takes the place of is gone; it was ended; or it is a week old.
    if (isMissingObject(error) || [410, 412, 499].some(status => isStatus(error, status)))
      throw new UndoneError();
    throw error;
  }
}

/** @see https://cloud.google.com/storage/docs/performing-resumable-uploads#cancel-upload */
export function endSession(bucket: Bucket, { url }: UploadSession, { signal }: CallOptions): Promise<void> {
  return bucket.cancelUpload(url, contextOf('endSession', signal));
}

/** What the service holds the bytes against. */
function checkedBy(digest: SessionOptions['digest']): Record<string, string> {
  if (digest?.algorithm === 'md5') return { md5Hash: digest.base64 };
  return digest?.algorithm === 'crc32c' ? { crc32c: digest.base64 } : {};
}

const contextOf = (
  operation: string,
  signal: AbortSignal | undefined,
): CallOptions & { readonly operation: string } => ({ operation, ...(signal ? { signal } : {}) });
