import type { IncomingMessage } from 'node:http';
import { S3Error } from './s3-error.ts';

/** An HTTP request with its path read as S3 reads it. */
export interface S3Request {
  readonly method: string;
  /** Decoded; dot segments and double slashes are plain characters. */
  readonly path: string;
  readonly bucketName: string | undefined;
  readonly key: string | undefined;
  readonly query: ReadonlyMap<string, string>;
  /** Lower-case names; repeated headers joined by commas; bytes as Latin-1. */
  readonly headers: ReadonlyMap<string, string>;
  /** The body as it is on the wire. */
  readonly body: AsyncIterable<Buffer>;
}

/**
 * @throws `InvalidURI` for a path that is no percent-encoded UTF-8.
 * @throws `KeyTooLongError` beyond 1024 bytes.
 */
export function readRequest(message: IncomingMessage, body: AsyncIterable<Buffer>): S3Request {
  // Not `new URL`: it would resolve dot segments, which are part of the key.
  const [rawPath = '/', rawQuery = ''] = splitOnce(message.url ?? '/', '?');
  const path = decode(rawPath);
  const [bucketName = '', key = ''] = splitOnce(path.slice(1), '/');
  checkKeyLength(key);
  return {
    method: message.method ?? 'GET',
    path,
    bucketName: bucketName === '' ? undefined : bucketName,
    key: key === '' ? undefined : key,
    query: readQuery(rawQuery),
    headers: readHeaders(message.rawHeaders),
    body,
  };
}

/** @throws `KeyTooLongError` beyond 1024 bytes of UTF-8. */
export function checkKeyLength(key: string): void {
  const size = Buffer.byteLength(key);
  if (size > 1024)
    throw new S3Error('KeyTooLongError', 'Your key is too long', {
      Size: String(size),
      MaxSizeAllowed: '1024',
    });
}

function readQuery(raw: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const pair of raw.split('&')) {
    if (pair === '') continue;
    const [name = '', value = ''] = splitOnce(pair.replaceAll('+', ' '), '=');
    query.set(decode(name), decode(value));
  }
  return query;
}

function readHeaders(raw: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    const value = raw[index + 1] ?? '';
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return headers;
}

function splitOnce(text: string, separator: string): readonly string[] {
  const index = text.indexOf(separator);
  return index === -1 ? [text] : [text.slice(0, index), text.slice(index + separator.length)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidURI', "Couldn't parse the specified URI.", { URI: text });
  }
}
