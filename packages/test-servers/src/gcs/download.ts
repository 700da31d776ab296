import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { readByteRange } from './byte-range.ts';
import type { Exchange } from './exchange.ts';
import { notModified, preconditionFailed, rangeNotSatisfiable } from './gcs-error.ts';
import { entityTag, hashHeader, type StoredObject, xmlEntityTag } from './stored-object.ts';

/** Answers with the bytes of an object, in the headers of the JSON or the XML API. */
export async function sendMedia(
  exchange: Exchange,
  object: StoredObject,
  api: 'json' | 'xml',
): Promise<void> {
  const tag = api === 'json' ? entityTag(object) : xmlEntityTag(object);
  checkHttpConditions(exchange, object, tag);
  const { attributes, body } = object;
  const isGzip = attributes.contentEncoding === 'gzip';
  const decompresses =
    isGzip &&
    !/\bgzip\b/.test(exchange.header('accept-encoding') ?? '') &&
    !/\bno-transform\b/.test(attributes.cacheControl ?? '');
  // A decompressed answer is always the whole object: https://cloud.google.com/storage/docs/transcoding
  const range =
    decompresses || !rangeStillApplies(exchange, object, tag)
      ? undefined
      : readByteRange(exchange.header('range'), body.size);
  if (range === 'unsatisfiable') throw rangeNotSatisfiable(body.size);
  const { start, end } = range ?? { start: 0, end: body.size };
  const override = (parameter: string) => (api === 'xml' ? exchange.query.get(parameter) : null);

  exchange.response.writeHead(
    range ? 206 : 200,
    defined({
      'content-type':
        override('response-content-type') ?? attributes.contentType ?? 'application/octet-stream',
      'content-disposition': override('response-content-disposition') ?? attributes.contentDisposition,
      'content-language': attributes.contentLanguage,
      'content-encoding': decompresses ? undefined : attributes.contentEncoding,
      'content-length': decompresses ? undefined : String(end - start),
      'content-range': range && `bytes ${start}-${end - 1}/${body.size}`,
      'accept-ranges': decompresses ? 'none' : 'bytes',
      'cache-control':
        attributes.cacheControl ?? (object.isPublic ? 'public, max-age=3600' : 'private, max-age=0'),
      'last-modified': object.updated.toUTCString(),
      etag: tag,
      vary: isGzip ? 'Accept-Encoding' : undefined,
      warning: decompresses ? '214 UploadServer gunzipped' : undefined,
      'x-goog-generation': String(object.generation),
      'x-goog-metageneration': String(object.metageneration),
      'x-goog-hash': hashHeader(object),
      'x-goog-storage-class': attributes.storageClass ?? 'STANDARD',
      'x-goog-stored-content-encoding': attributes.contentEncoding ?? 'identity',
      'x-goog-stored-content-length': String(body.size),
      ...(api === 'xml' ? metadataHeaders(object) : {}),
    }),
  );
  if (exchange.method === 'HEAD' || end === start) {
    exchange.response.end();
    return;
  }
  body.retain();
  try {
    if (decompresses) await pipeline(body.read(start, end), createGunzip(), exchange.response);
    else await pipeline(body.read(start, end), exchange.response);
  } finally {
    body.release();
  }
}

// RFC 9110, section 13.2.2, in that order.
function checkHttpConditions(exchange: Exchange, object: StoredObject, tag: string): void {
  const changedAfter = (header: string) =>
    seconds(object.updated) > seconds(new Date(exchange.header(header) ?? ''));
  const match = exchange.header('if-match');
  if (match !== undefined) {
    if (!namesTag(match, tag)) throw preconditionFailed();
  } else if (changedAfter('if-unmodified-since')) throw preconditionFailed('If-Unmodified-Since');
  const noneMatch = exchange.header('if-none-match');
  if (noneMatch !== undefined) {
    if (namesTag(noneMatch, tag)) throw notModified();
  } else if (exchange.header('if-modified-since') !== undefined && !changedAfter('if-modified-since')) {
    throw notModified();
  }
}

function rangeStillApplies(exchange: Exchange, object: StoredObject, tag: string): boolean {
  const condition = exchange.header('if-range');
  if (condition === undefined) return true;
  const date = Date.parse(condition);
  return namesTag(condition, tag) || seconds(object.updated) === seconds(new Date(date));
}

function namesTag(list: string, tag: string): boolean {
  const bare = (text: string) => text.trim().replace(/^W\//, '').replaceAll('"', '');
  return list.split(',').some(one => one.trim() === '*' || bare(one) === bare(tag));
}

// HTTP dates have no fractions; an invalid date is NaN, which compares as false.
function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

function metadataHeaders(object: StoredObject): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [key, value] of Object.entries(object.attributes.metadata ?? {})) {
    headers[`x-goog-meta-${key}`] = value;
  }
  return headers;
}

function defined(headers: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      // Node writes header values as Latin-1; the service sends UTF-8.
      value === undefined ? [] : [[name, Buffer.from(value, 'utf8').toString('latin1')]],
    ),
  );
}
