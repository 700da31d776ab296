import { FieldFileError, type ObjectInfo, type SaveObjectOptions, type Storage } from '@fieldfile/storage';
import { contentTypeOf, type SignedRequest, type UploadTarget } from '@fieldfile/storage/backend';
import { reported } from '@fieldfile/storage/internal';
import { entityTagOf, entityTagText } from '../serve/entity-tag.ts';
import { announcedDigests, checkedBody } from './checked-body.ts';
import { UsedTokens } from './used-tokens.ts';

/** Of all mounts of this process: several may be of one storage. */
const used = new UsedTokens();

/**
 * Stores the body of a signed PUT under the very name that was signed, once: nothing is overwritten, and no other name is
 * taken. Where the URL names a version, that one is replaced, and no other. Type, length and digest are those that were
 * signed; a digest that the client announces is held, too. What does not keep to it stores nothing.
 */
export async function storeSigned(
  request: Request,
  storage: Storage,
  allowed: SignedRequest,
): Promise<Response> {
  const { name, exactBytes, maxBytes, expiresAt, replaces } = allowed;
  const { headers, signal } = request;
  checkHeaders(headers, allowed);
  // Equal URLs say the same, however their parameters are written.
  const token = JSON.stringify([storage.id, allowed]);
  if (used.has(token)) throw taken(storage, name);
  const sizeBytes = exactBytes ?? announcedBytes(headers);
  const digests = [...(allowed.digest ? [allowed.digest] : []), ...announcedDigests(headers)];
  const body = checkedBody(request.body, digests);
  const options = {
    contentType: headers.get('content-type') ?? contentTypeOf(name) ?? 'application/octet-stream',
    signal,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(maxBytes === undefined ? {} : { maxSizeBytes: maxBytes }),
  };
  const info = replaces
    ? await receiveOver(storage, name, body, { ...options, ...replaces })
    : await receiveOnce(storage, name, body, options, () => used.add(token, expiresAt));
  const tag = entityTagOf(info.version);
  return new Response(null, {
    status: 201,
    headers: { 'content-length': '0', ...(tag ? { etag: entityTagText(tag) } : {}) },
  });
}

async function receiveOnce(
  storage: Storage,
  name: string,
  body: AsyncIterable<Uint8Array>,
  options: SaveObjectOptions,
  onStored: () => void,
): Promise<ObjectInfo> {
  const write = await storage.create(name, body, { ...options, onTaken: 'fail' });
  onStored();
  await reported(() => storage.settle(write.name, write.writeId));
  return write.info;
}

/**
 * Stored over the one version that was signed, so that it can be done once, whatever becomes of the object. Whoever signed it
 * settles or undoes the write.
 */
async function receiveOver(
  storage: Storage,
  name: string,
  body: AsyncIterable<Uint8Array>,
  { version, ...options }: SaveObjectOptions & UploadTarget,
): Promise<ObjectInfo> {
  return await storage.replace(name, body, { ...options, ifMatch: version, settles: false });
}

/** @throws `invalid-argument`, `not-accepted` or `precondition`, before a byte of the body. */
function checkHeaders(headers: Headers, { contentType, name, exactBytes }: SignedRequest): void {
  const refuse = (
    code: 'invalid-argument' | 'not-accepted' | 'precondition' | 'integrity',
    why: string,
  ): never => {
    throw new FieldFileError(code, `The upload ${why}.`, { operation: 'receive', name });
  };
  // Around what a header says no blank counts: RFC 9110 section 5.5.
  if (contentType !== undefined && headers.get('content-type') !== contentType.trim())
    refuse('not-accepted', 'has another Content-Type than was signed');
  // Stored as they are, encoded bytes would be something else than the type says.
  if (!/^(?:identity)?$/i.test(headers.get('content-encoding')?.trim() ?? ''))
    refuse('not-accepted', 'is encoded');
  // RFC 9110 section 14.4: a part is not to be taken for the whole.
  if (headers.has('content-range')) refuse('invalid-argument', 'is a part');
  // Nothing is there that it could match.
  if (headers.has('if-match')) refuse('precondition', 'wants to replace');
  const announced = announcedBytes(headers);
  if (exactBytes !== undefined && announced !== undefined && announced !== exactBytes)
    refuse('integrity', 'has another length than was signed');
}

function announcedBytes(headers: Headers): number | undefined {
  const text = headers.get('content-length');
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

const taken = (storage: Storage, name: string): FieldFileError =>
  new FieldFileError('exists', `The URL for ${JSON.stringify(name)} was used before.`, {
    operation: 'receive',
    storage: storage.id,
    name,
  });
