import { isFieldFileError } from '@fieldfile/core';
import { type ObjectKey, objectKey } from '@fieldfile/core/backend';

/** A key as a listing tells it: percent-encoded on request, since XML cannot hold every character. */
export function decodeKey(key: string | undefined, encoding: string | undefined): string {
  if (key === undefined) return '';
  return encoding === 'url' ? decodeURIComponent(key.replaceAll('+', ' ')) : key;
}

const UNLIMITED = { maxKeyBytes: Number.POSITIVE_INFINITY, maxObjectBytes: 0, maxStreamBytes: 0 };

/** Whether a key is a name here. Others may have made keys that are none, such as `folder/`. */
export function isObjectKey(key: string): key is ObjectKey {
  // Nearly every key, without the price of an exception.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no name has
  if (/[\u0000-\u001f\u007f]|^$|^\/|\/$|\/\//.test(key)) return false;
  try {
    objectKey(key, UNLIMITED, 'list', '');
    return true;
  } catch (error) {
    if (isFieldFileError(error)) return false;
    throw error;
  }
}

/** The object of a copy, as its header names it. */
export function copySource(bucket: string, key: ObjectKey): string {
  const path = key.split('/').map(encodeURIComponent).join('/');
  return bucket.startsWith('arn:') ? `${bucket}/object/${path}` : `${bucket}/${path}`;
}
