import type { ObjectName } from '@fieldfile/storage/backend';

/** A name as a listing tells it: percent-encoded on request, since XML cannot hold every character. */
export function decodeKey(key: string | undefined, encoding: string | undefined): string {
  if (key === undefined) return '';
  return encoding === 'url' && isEncoded(key) ? decodeURIComponent(key.replaceAll('+', ' ')) : key;
}

/** How the names of one page are encoded. Some servers say that they are, and are not: one such name tells. */
export function encodingOf(
  keys: readonly (string | undefined)[],
  encoding: string | undefined,
): string | undefined {
  return encoding === 'url' && keys.every(key => key === undefined || isEncoded(key)) ? encoding : undefined;
}

function isEncoded(key: string): boolean {
  if (!/^(?:[!-$&-~]|%[\da-f]{2})*$/i.test(key)) return false;
  try {
    decodeURIComponent(key);
    return true;
  } catch {
    return false;
  }
}

/** The object of a copy, as its header names it. */
export function copySource(bucket: string, name: ObjectName): string {
  const path = name.split('/').map(encodeURIComponent).join('/');
  return bucket.startsWith('arn:') ? `${bucket}/object/${path}` : `${bucket}/${path}`;
}
