import { malformed } from './tus-refusal.ts';

/** A header that says a number of bytes; undefined where it is not there. @throws 400 for what is no such number. */
export function bytesIn(headers: Headers, name: string): number | undefined {
  const text = headers.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(Number(text)))
    throw malformed(`${name} is no number of bytes`);
  return Number(text);
}

/** How long an upload is as it begins: null where that is said later. @throws 400. */
export function announcedSize(headers: Headers): number | null {
  const size = bytesIn(headers, 'Upload-Length');
  const deferred = headers.get('Upload-Defer-Length');
  if (deferred !== null && deferred !== '1') throw malformed('Upload-Defer-Length can only be 1');
  if ((size === undefined) === (deferred === null))
    throw malformed('Either Upload-Length or Upload-Defer-Length says how long the upload is');
  return size ?? null;
}
