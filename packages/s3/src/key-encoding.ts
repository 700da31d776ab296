import type { ObjectKey } from '@fieldfile/storage/backend';

/** A key as a listing tells it: percent-encoded on request, since XML cannot hold every character. */
export function decodeKey(key: string | undefined, encoding: string | undefined): string {
  if (key === undefined) return '';
  return encoding === 'url' ? decodeURIComponent(key.replaceAll('+', ' ')) : key;
}

/** The object of a copy, as its header names it. */
export function copySource(bucket: string, key: ObjectKey): string {
  const path = key.split('/').map(encodeURIComponent).join('/');
  return bucket.startsWith('arn:') ? `${bucket}/object/${path}` : `${bucket}/${path}`;
}
