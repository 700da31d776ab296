import type { ObjectVersion } from '@fieldfile/storage';
import {
  compareUtf8,
  isObjectName,
  type ListOptions,
  type ListPage,
  type ObjectName,
  PageSizes,
  PageTokens,
} from '@fieldfile/storage/backend';
import type { Bucket } from './bucket.ts';
import { dateOf, isReservation, type Resource, sizeOf } from './resource.ts';
import { NotAStoreError } from './service-error.ts';

const FIELDS = 'kind,nextPageToken,prefixes,items(name,size,generation,timeCreated,contentType)';

/** What one request lists at most. */
const MAX_RESULTS = 1000;

/** Objects in the service's own order, that of their UTF-8 bytes; a page is asked for when it is wanted. */
export async function* listObjects(
  bucket: Bucket,
  storage: string,
  options: ListOptions,
): AsyncGenerator<ListPage, void, undefined> {
  const { prefix, delimiter, after, signal } = options;
  const sizes = new PageSizes(options, MAX_RESULTS);
  const isAfter = (name: string): boolean => after === undefined || compareUtf8(name, after) > 0;
  const tokens = new PageTokens({ operation: 'list', storage });
  let pageToken: string | undefined;
  do {
    const page = await bucket.list(
      {
        prefix: prefix || undefined,
        delimiter,
        startOffset: after, // inclusive: `isAfter` drops the name itself, and the folder it lies in
        maxResults: String(sizes.next()),
        pageToken,
        fields: FIELDS,
      },
      { operation: 'list', ...(signal ? { signal } : {}) },
    );
    const { items = [], prefixes = [] } = asPage(page);
    const objects = items
      .filter(item => isAfter(item.name) && isObjectName(item.name) && !isReservation(item))
      .map(item => ({
        name: item.name as ObjectName,
        sizeBytes: sizeOf(item),
        lastModified: dateOf(item),
        version: item.generation as ObjectVersion,
      }));
    const folders = prefixes.filter(folder => isAfter(folder) && isObjectName(folder.slice(0, -1)));
    if (objects.length > 0 || folders.length > 0) yield { objects, folders };
    pageToken = tokens.next(page.nextPageToken as string | undefined);
  } while (pageToken);
}

interface Page {
  readonly items?: readonly Resource[];
  readonly prefixes?: readonly string[];
}

/** Of an empty one, only its kind is told. */
function asPage(answered: Record<string, unknown>): Page {
  const { kind, items, prefixes } = answered;
  const isList = (value: unknown): boolean => value === undefined || Array.isArray(value);
  const isPage = kind === 'storage#objects' || items !== undefined || prefixes !== undefined;
  if (!isPage || !isList(items) || !isList(prefixes)) throw new NotAStoreError('the answer is no listing');
  return answered;
}
