import type { WriteId } from '@fieldfile/storage';

type Metadata = Readonly<Record<string, string>>;

const WRITE_ID = 'fieldfile-write-id';
const RESERVATION = 'fieldfile-reservation';
/** Everything whose key or value is no plain header: JSON in base64. */
const REST = 'fieldfile-metadata';

/** Headers are lower-cased by the service, and spaces in a row are one to its signatures. */
const PLAIN_KEY = /^(?!fieldfile-)[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/;
const PLAIN_VALUE = /^(?!.*(?: {2}|=\?))[!-~](?:[ -~]*[!-~])?$/;

/** What an object's metadata says, ours and the caller's. */
export interface ReadMetadata {
  readonly writeId?: WriteId;
  /** The object only holds a name until its content is whole. */
  readonly isReservation: boolean;
  readonly metadata: Metadata;
}

/** The caller's metadata and the write id as S3 can carry them: in ASCII, RFC 2047 where a value is not. */
export function encodeMetadata(metadata: Metadata, writeId: WriteId): Record<string, string> {
  const encoded: Record<string, string> = {};
  const rest: Record<string, string> = {};
  for (const [key, value] of Object.entries(metadata)) {
    if (!PLAIN_KEY.test(key) || value === '') rest[key] = value;
    else
      encoded[key] = PLAIN_VALUE.test(value) ? value : `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
  }
  if (Object.keys(rest).length > 0)
    encoded[REST] = Buffer.from(JSON.stringify(Object.entries(rest))).toString('base64');
  return { ...encoded, [WRITE_ID]: writeId };
}

/** Metadata of an object that only holds a name for a write. */
export function reservationMetadata(writeId: WriteId): Record<string, string> {
  return { [WRITE_ID]: writeId, [RESERVATION]: '1' };
}

export function decodeMetadata(given: Metadata = {}): ReadMetadata {
  const { [WRITE_ID]: writeId, [RESERVATION]: reservation, [REST]: rest, ...plain } = given;
  const metadata: Record<string, string> = {};
  for (const [key, value] of Object.entries(plain)) metadata[key] = decodeWords(value);
  for (const [key, value] of decodeRest(rest)) metadata[key] = value;
  return {
    ...(writeId === undefined ? {} : { writeId: writeId as WriteId }),
    isReservation: reservation !== undefined,
    metadata,
  };
}

/** RFC 2047 words, which S3 also makes of what others sent as raw UTF-8. */
function decodeWords(value: string): string {
  return value.replace(
    /=\?utf-8\?(?:b\?([^?]*)|q\?([^?]*))\?=(?:\s+(?==\?))?/gi,
    (_word, base64: string | undefined, quoted: string | undefined) =>
      base64 === undefined
        ? Buffer.from(
            (quoted ?? '')
              .replaceAll('_', ' ')
              .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
            'latin1',
          ).toString()
        : Buffer.from(base64, 'base64').toString(),
  );
}

/** Another program may have written anything there: then it says nothing to us. */
function decodeRest(rest: string | undefined): readonly (readonly [string, string])[] {
  if (rest === undefined) return [];
  try {
    const entries: unknown = JSON.parse(Buffer.from(rest, 'base64').toString());
    return Array.isArray(entries) ? entries.filter(isEntry) : [];
  } catch {
    return [];
  }
}

const isEntry = (value: unknown): value is [string, string] =>
  Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'string';
