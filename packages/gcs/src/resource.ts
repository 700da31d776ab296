import type { ObjectInfo, ObjectVersion, WriteId } from '@fieldfile/storage';
import type { ObjectKey } from '@fieldfile/storage/backend';

/** An object as the JSON API describes it; the fields that are asked for. */
export interface Resource {
  readonly name: string;
  readonly generation: string;
  readonly size: string;
  readonly timeCreated: string;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly crc32c?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What is asked of every object. */
export const FIELDS = 'name,generation,size,timeCreated,contentType,contentEncoding,crc32c,metadata';

/** The metadata that holds the write id. */
export const WRITE_ID = 'fieldfile-write-id';

/** The content type of a name that is held for an upload: the one mark that listings, too, come with for nothing. */
export const RESERVATION = 'application/vnd.fieldfile.reservation';

export const isReservation = ({ contentType }: { readonly contentType?: string }): boolean =>
  contentType === RESERVATION;

export function objectInfo(resource: Resource): ObjectInfo {
  const {
    name,
    generation,
    size,
    timeCreated,
    contentType,
    contentEncoding,
    crc32c,
    metadata = {},
  } = resource;
  const { [WRITE_ID]: writeId, ...others } = metadata;
  return {
    key: name as ObjectKey,
    sizeBytes: Number(size),
    version: generation as ObjectVersion,
    lastModified: new Date(timeCreated),
    ...(contentType === undefined ? {} : { contentType }),
    ...(contentEncoding ? { contentEncoding } : {}),
    ...(writeId === undefined ? {} : { writeId: writeId as WriteId }),
    ...(crc32c === undefined ? {} : { digest: { algorithm: 'crc32c', base64: crc32c } }),
    metadata: others,
  };
}

/** The same from the headers of a download, in names and values as they came. */
export function infoOfHeaders(key: ObjectKey, rawHeaders: readonly string[]): ObjectInfo {
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
  // Not `content-encoding`, which is that of the answer.
  const contentEncoding = headers.get('x-goog-stored-content-encoding') ?? 'identity';
  return objectInfo({
    name: key,
    generation: headers.get('x-goog-generation') ?? '',
    size: headers.get('x-goog-stored-content-length') ?? '',
    timeCreated: headers.get('last-modified') ?? '',
    ...(contentType === undefined ? {} : { contentType }),
    ...(contentEncoding === 'identity' ? {} : { contentEncoding }),
    ...(crc32c === undefined ? {} : { crc32c }),
    metadata,
  });
}
