import type { Settings } from '../demo/settings.ts';
import type { StorageName } from '../demo/storage-name.ts';

/** Where the page sends large files, as a content security policy has it. It is known before the storage is opened. */
export function storageOrigins(storages: readonly StorageName[], settings: Settings): readonly string[] {
  const origins = storages.flatMap(name => {
    if (name === 's3') return s3Origins(settings);
    return name === 'gcs' ? gcsOrigins(settings) : [];
  });
  return [...new Set(origins)];
}

const TEST_SERVER = 'http://127.0.0.1:*';

function gcsOrigins({ gcs }: Settings): readonly string[] {
  if (!gcs) return [TEST_SERVER];
  return [gcs.apiEndpoint === undefined ? 'https://storage.googleapis.com' : new URL(gcs.apiEndpoint).origin];
}

function s3Origins({ s3 }: Settings): readonly string[] {
  if (!s3) return [TEST_SERVER];
  const { endpointUrl } = s3;
  if (endpointUrl === undefined) return ['https://*.amazonaws.com'];
  const { origin, protocol, host } = new URL(endpointUrl);
  return /^[\d.]+$|^\[|^localhost/.test(host.replace(/:\d+$/, ''))
    ? [origin]
    : [origin, `${protocol}//*.${host}`];
}
