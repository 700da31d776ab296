import type { ObjectKey } from '@fieldfile/storage/backend';

/** A key as a listing tells it: percent-encoded on request, since XML cannot hold every character. */
export function decodeKey(key: string | undefined, encoding: string | undefined): string {
  if (key === undefined) return '';
  return encoding === 'url' && isEncoded(key) ? decodeURIComponent(key.replaceAll('+', ' ')) : key;
}

/** How the keys of one page are encoded. Some servers say that they are, and are not: one such key tells. */
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
export function copySource(bucket: string, key: ObjectKey): string {
  const path = key.split('/').map(encodeURIComponent).join('/');
  return bucket.startsWith('arn:') ? `${bucket}/object/${path}` : `${bucket}/${path}`;
}
