import type { ObjectInfo, ObjectVersion, WriteId } from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';
import { decodeMetadata } from './metadata.ts';
import { NotAStoreError } from './service-error.ts';

/** An object as the JSON API describes it; the fields that are asked for. */
export interface Resource {
  readonly name: string;
  readonly generation: string;
  /** Some emulators leave out what is 0. */
  readonly size?: string;
  readonly timeCreated?: string;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly contentDisposition?: string;
  readonly crc32c?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What is asked of every object. */
export const FIELDS =
  'name,generation,size,timeCreated,contentType,contentEncoding,contentDisposition,crc32c,metadata';

/** The metadata that holds the write id. */
export const WRITE_ID = 'fieldfile-write-id';

/** The metadata of what a write in parts makes, of what holds its name and of the object: there may be parts beside it. */
export const PARTS = 'fieldfile-parts';

/** The content type of a name that is held for an upload: the one mark that listings, too, come with for nothing. */
export const RESERVATION = 'application/vnd.fieldfile.reservation';

export const isReservation = ({ contentType }: { readonly contentType?: string }): boolean =>
  contentType === RESERVATION;

/**
 * What was answered, as an object's description.
 *
 * @throws {@link NotAStoreError} where it is none.
 */
export function asResource(answered: unknown): Resource {
  const { generation } = (answered ?? {}) as { readonly generation?: unknown };
  if (typeof generation !== 'string' || generation === '')
    throw new NotAStoreError('the answer describes no object');
  return answered as Resource;
}

/** @throws {@link NotAStoreError} for what is no length. */
export function sizeOf({ size }: Pick<Resource, 'size'>): number {
  const sizeBytes = Number(size ?? 0);
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0)
    throw new NotAStoreError(`an object of size ${JSON.stringify(size)} was told of`);
  return sizeBytes;
}

/** When it was stored; at the beginning of time where that is not told. */
export function dateOf({ timeCreated }: Pick<Resource, 'timeCreated'>): Date {
  const date = new Date(timeCreated ?? 0);
  return Number.isNaN(date.getTime()) ? new Date(0) : date;
}

export function objectInfo(resource: Resource): ObjectInfo {
  const { name, generation, contentType, contentEncoding, contentDisposition, crc32c } = resource;
  const { metadata = {} } = resource;
  const { [WRITE_ID]: writeId, [PARTS]: _, ...others } = metadata;
  return {
    name: name as ObjectName,
    sizeBytes: sizeOf(resource),
    version: generation as ObjectVersion,
    lastModified: dateOf(resource),
    ...(contentType === undefined ? {} : { contentType }),
    ...(contentEncoding ? { contentEncoding } : {}),
    ...(contentDisposition ? { contentDisposition } : {}),
    ...(writeId === undefined ? {} : { writeId: writeId as WriteId }),
    ...(crc32c === undefined ? {} : { digest: { algorithm: 'crc32c', base64: crc32c } }),
    metadata: decodeMetadata(others),
  };
}

/**
 * The same from the headers of a download, in names and values as they came.
 *
 * @throws {@link NotAStoreError} where they tell of no object.
 */
export function infoOfHeaders(name: ObjectName, rawHeaders: readonly string[]): ObjectInfo {
  const headers = new Map<string, string>();
  const metadata: Record<string, string> = {};
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] as string).toLowerCase();
    // Node reads header values as Latin-1; the service sends UTF-8.
    const value = Buffer.from(rawHeaders[at + 1] as string, 'latin1').toString('utf8');
    if (name.startsWith('x-goog-meta-')) metadata[(rawHeaders[at] as string).slice(12)] = value;
    else headers.set(name, headers.has(name) ? `${headers.get(name)},${value}` : value);
  }
  const crc32c = headers.get('x-goog-hash')?.match(/\bcrc32c=([\w+/]+=*)/)?.[1];
  const contentType = headers.get('content-type');
  const contentDisposition = headers.get('content-disposition');
  // Not `content-encoding`, which is that of the answer.
  const contentEncoding = headers.get('x-goog-stored-content-encoding') ?? 'identity';
  const size =
    headers.get('x-goog-stored-content-length') ??
    headers.get('content-range')?.split('/')[1] ??
    headers.get('content-length');
  const timeCreated = headers.get('last-modified');
  const resource = asResource({
    name,
    generation: headers.get('x-goog-generation'),
    ...(size === undefined ? {} : { size }),
    ...(timeCreated === undefined ? {} : { timeCreated }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(contentEncoding === 'identity' ? {} : { contentEncoding }),
    ...(contentDisposition === undefined ? {} : { contentDisposition }),
    ...(crc32c === undefined ? {} : { crc32c }),
    metadata,
  });
  return objectInfo(resource);
}
