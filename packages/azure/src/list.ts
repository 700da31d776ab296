import type { ContainerClient } from '@azure/storage-blob';
import {
  compareUtf8,
  isObjectName,
  type ListOptions,
  type ListOrder,
  type ListPage,
  type ObjectName,
  PageSizes,
  PageTokens,
} from '@fieldfile/storage/backend';
import { isReservation, versionOf } from './object-info.ts';
import { NotAStore, request } from './request.ts';
import { isInternal } from './staging.ts';

/** What the service gives at most at a time. */
const MAX_PAGE_SIZE = 5000;

interface ListSettings {
  readonly order: ListOrder;
  readonly timeoutMs: number;
  /** Its id. */
  readonly storage: string;
}

type Compare = (one: string, other: string) => number;

/** Pages as the service gives them, less what is being written. */
export async function* listBlobs(
  container: ContainerClient,
  listing: ListOptions,
  { order, timeoutMs, storage }: ListSettings,
): AsyncGenerator<ListPage, void, undefined> {
  const { prefix, delimiter, after, signal } = listing;
  const sizes = new PageSizes(listing, MAX_PAGE_SIZE);
  const compare = COMPARE[order];
  const skips =
    after !== undefined && order !== 'none' && (after.startsWith(prefix) || compare(after, prefix) > 0);
  if (skips && !after.startsWith(prefix)) return;
  const isWanted = (name: string): boolean => !skips || compare(name, after) > 0;
  const tokens = new PageTokens({ operation: 'list', storage });
  let continuationToken: string | undefined;
  do {
    const settings = { maxPageSize: sizes.next() };
    const { value: page } = await request({ signal, operation: 'list', timeoutMs }, abortSignal => {
      // The service begins at a name only in a listing without folders.
      const options = { prefix, abortSignal, ...(skips && !delimiter ? { startFrom: after } : {}) };
      const pages = delimiter
        ? container.listBlobsByHierarchy(delimiter, options)
        : container.listBlobsFlat(options);
      return pages.byPage({ ...settings, ...(continuationToken ? { continuationToken } : {}) }).next();
    }).catch(error => {
      // What the SDK stumbles over is no listing.
      throw error instanceof TypeError ? new NotAStore(error.message) : error;
    });
    if (!page) return;
    const { blobItems, blobPrefixes = [] } = page.segment as Segment;
    const objects = blobItems
      .filter(
        ({ name, properties }) =>
          isWanted(name) && isObjectName(name) && !isInternal(name) && !isReservation(properties.contentType),
      )
      .map(({ name, properties: { contentLength, lastModified, etag } }) => ({
        name: name as ObjectName,
        ...(contentLength === undefined ? {} : { sizeBytes: contentLength }),
        lastModified,
        version: versionOf(etag),
      }));
    const folders = blobPrefixes
      .map(({ name }) => name)
      .filter(name => isWanted(name) && isObjectName(name.slice(0, -1)) && !isInternal(name));
    if (objects.length > 0 || folders.length > 0) yield { objects, folders };
    continuationToken = tokens.next(page.continuationToken);
  } while (continuationToken);
}

/** What the two kinds of listing have in common. */
interface Segment {
  readonly blobItems: readonly {
    readonly name: string;
    readonly properties: {
      readonly contentLength?: number;
      readonly contentType?: string;
      readonly lastModified: Date;
      readonly etag: string;
    };
  }[];
  readonly blobPrefixes?: readonly { readonly name: string }[];
}

const compareUtf16: Compare = (one, other) => (one < other ? -1 : Number(one > other));

/** Folder by folder, as an account with a hierarchical namespace goes. */
const comparePreorder: Compare = (one, other) =>
  compareUtf8(one.replaceAll('/', '\0'), other.replaceAll('/', '\0'));

const COMPARE: Readonly<Record<ListOrder, Compare>> = {
  'utf-8': compareUtf8,
  'utf-16': compareUtf16,
  preorder: comparePreorder,
  // Nothing can be skipped where there is no order.
  none: () => 1,
};
