import { compareUtf8, type SortedMap } from './sorted-map.ts';

/** One page of a listing. */
export interface ListingPage<T> {
  readonly items: readonly T[];
  /** Common prefixes up to the delimiter. */
  readonly prefixes: readonly string[];
  readonly isTruncated: boolean;
  /** The key or common prefix the page ends with. */
  readonly last: string | undefined;
}

/** What to list, and from where. */
export interface ListingQuery {
  readonly prefix: string;
  /** Empty for none. */
  readonly delimiter: string;
  /** First key to look at. */
  readonly from: string | undefined;
  readonly maximum: number;
}

/**
 * Collects one page in the order of UTF-8 bytes, skipping from one common prefix to the next.
 *
 * @param itemsOf what a key contributes: nothing, an object, or several versions or uploads
 */
export function listPage<K, T>(
  keys: SortedMap<K>,
  itemsOf: (value: K, key: string) => readonly T[],
  query: ListingQuery,
): ListingPage<T> {
  const { prefix, delimiter, maximum } = query;
  const items: T[] = [];
  const prefixes: string[] = [];
  let last: string | undefined;
  const isFull = (): boolean => items.length + prefixes.length >= maximum;
  let key = query.from;
  while (key?.startsWith(prefix)) {
    const common = commonPrefix(key, prefix, delimiter);
    const found = itemsOf(keys.get(key) as K, key);
    for (const item of common === undefined ? found : []) {
      if (isFull()) return { items, prefixes, last, isTruncated: maximum > 0 };
      items.push(item);
      last = key;
    }
    if (common !== undefined && found.length > 0) {
      if (isFull()) return { items, prefixes, last, isTruncated: maximum > 0 };
      prefixes.push(common);
      last = common;
      key = keys.afterPrefix(common);
    } else {
      key = keys.after(key);
    }
  }
  return { items, prefixes, last, isTruncated: false };
}

/** The part of a key that a delimited listing shows in its place. */
export function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '' || !key.startsWith(prefix)) return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end === -1 ? undefined : key.slice(0, end + delimiter.length);
}

/** The first key to look at after `marker`, which is a key, a common prefix, or empty. */
export function keyAfterMarker(
  keys: SortedMap<unknown>,
  marker: string,
  { prefix, delimiter }: Pick<ListingQuery, 'prefix' | 'delimiter'>,
): string | undefined {
  const isPrefix = marker !== '' && commonPrefix(marker, prefix, delimiter) === marker;
  const next = isPrefix ? keys.afterPrefix(marker) : keys.after(marker);
  if (next === undefined) return undefined;
  return compareUtf8(next, prefix) < 0 ? keys.atOrAfter(prefix) : next;
}

/**
 * One page of versions or uploads, several of which a key may have.
 *
 * @param markers of the last item the client has seen; the id is empty when it has seen all of the key's
 */
export function listPageOfMany<T>(
  keys: SortedMap<readonly T[]>,
  idOf: (item: T) => string,
  markers: { readonly key: string; readonly id: string },
  query: Omit<ListingQuery, 'from'>,
): ListingPage<T> {
  const staysOnKey = markers.id !== '' && keys.get(markers.key) !== undefined;
  return listPage(
    keys,
    (items, key) =>
      staysOnKey && key === markers.key
        ? items.slice(items.findIndex(item => idOf(item) === markers.id) + 1)
        : items,
    { ...query, from: staysOnKey ? markers.key : keyAfterMarker(keys, markers.key, query) },
  );
}
