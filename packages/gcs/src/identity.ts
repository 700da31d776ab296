import type { Place } from '@fieldfile/storage/backend';
import type { GcsStorageOptions } from './options.ts';

/** What a bucket is called, and where it is. */
export interface Identity {
  readonly id: string;
  readonly formerIds: readonly string[];
  readonly place: Place;
}

/** Google's own service has many addresses, of regions and of private networks, and one set of buckets. */
export function identityOf(
  endpoint: string,
  { bucketName, id }: Pick<GcsStorageOptions, 'bucketName' | 'id'>,
): Identity {
  const { protocol, host, hostname, pathname } = new URL(endpoint);
  const service = hostname.endsWith('.googleapis.com')
    ? 'https://storage.googleapis.com'
    : `${protocol}//${host}${pathname.replace(/\/+$/, '')}`;
  const derived = `gcs:${service}/${bucketName}`;
  const former = `gcs:${endpoint}/${bucketName}`;
  const isSpelledOtherwise = id === undefined && former !== derived && !former.includes('@');
  return {
    id: id ?? derived,
    formerIds: isSpelledOtherwise ? [former] : [],
    place: { id: id ?? derived, space: `gcs:${service.replace(/^https?:/, '')}/${bucketName}`, path: '' },
  };
}
