import type { Settings } from '../demo/settings.ts';
import type { StorageName } from '../demo/storage-name.ts';

/** Where the page sends parts of files, as a content security policy has it. It is known before the storage is opened. */
export function storageOrigins(storages: readonly StorageName[], settings: Settings): readonly string[] {
  if (!storages.includes('s3')) return [];
  if (!settings.s3) return ['http://127.0.0.1:*']; // of the test server
  const { endpointUrl } = settings.s3;
  if (endpointUrl === undefined) return ['https://*.amazonaws.com'];
  const { origin, protocol, host } = new URL(endpointUrl);
  return /^[\d.]+$|^\[|^localhost/.test(host.replace(/:\d+$/, ''))
    ? [origin]
    : [origin, `${protocol}//*.${host}`];
}
