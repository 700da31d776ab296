import type { ObjectVersion } from '@fieldfile/storage';
import {
  compareUtf8,
  isObjectKey,
  type ListOptions,
  type ListPage,
  type ObjectKey,
} from '@fieldfile/storage/backend';
import type { Bucket } from './bucket.ts';
import { isReservation, type Resource } from './resource.ts';

const FIELDS = 'nextPageToken,prefixes,items(name,size,generation,timeCreated,contentType)';

/** Objects in the service's own order, that of their UTF-8 bytes; a page is asked for when it is wanted. */
export async function* listObjects(
  bucket: Bucket,
  { prefix, delimiter, after, pageSize, signal }: ListOptions,
): AsyncGenerator<ListPage, void, undefined> {
  const isAfter = (name: string): boolean => after === undefined || compareUtf8(name, after) > 0;
  let pageToken: string | undefined;
  do {
    const page = await bucket.list(
      {
        prefix: prefix || undefined,
        delimiter,
        startOffset: after, // inclusive: `isAfter` drops the name itself, and the folder it lies in
        maxResults: String(pageSize),
        pageToken,
        fields: FIELDS,
      },
      { operation: 'list', ...(signal ? { signal } : {}) },
    );
    const { items = [], prefixes = [] } = page as { items?: Resource[]; prefixes?: string[] };
    const objects = items
      .filter(item => isAfter(item.name) && isObjectKey(item.name) && !isReservation(item))
      .map(({ name, size, generation, timeCreated }) => ({
        key: name as ObjectKey,
        sizeBytes: Number(size),
        lastModified: new Date(timeCreated),
        version: generation as ObjectVersion,
      }));
    const folders = prefixes.filter(folder => isAfter(folder) && isObjectKey(folder.slice(0, -1)));
    if (objects.length > 0 || folders.length > 0) yield { objects, folders };
    pageToken = page.nextPageToken as string | undefined;
  } while (pageToken);
}
