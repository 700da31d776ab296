import type { Bucket } from './bucket.ts';
import type { Exchange } from './exchange.ts';
import { invalid, notImplemented } from './gcs-error.ts';
import { partialResponse } from './partial-response.ts';
import { integer } from './preconditions.ts';
import { objectResource } from './resource.ts';
import { isBefore } from './sorted-names.ts';
import type { StoredObject } from './stored-object.ts';

const PAGE_LIMIT = 1000;

interface Listing {
  readonly prefix: string;
  readonly delimiter: string | undefined;
  readonly startOffset: string;
  readonly endOffset: string | undefined;
  readonly versions: boolean;
  readonly includeTrailingDelimiter: boolean;
  readonly limit: number;
  /** Where the page before ended: a name, or a prefix all of whose names it stands for. */
  readonly after: { readonly name: string } | { readonly prefix: string } | undefined;
}

interface Page {
  readonly items: StoredObject[];
  readonly prefixes: string[];
  readonly end: Listing['after'];
}

/** `GET /storage/v1/b/BUCKET/o`. */
export function listObjects(exchange: Exchange, bucket: Bucket): void {
  const { query } = exchange;
  if (query.has('matchGlob')) throw notImplemented('matchGlob');
  const maxResults = Number(integer('maxResults', query.get('maxResults')) ?? PAGE_LIMIT);
  const page = readPage(bucket, {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') || undefined,
    startOffset: query.get('startOffset') ?? '',
    endOffset: query.get('endOffset') || undefined,
    versions: query.get('versions') === 'true',
    includeTrailingDelimiter: query.get('includeTrailingDelimiter') === 'true',
    limit: Math.min(maxResults || PAGE_LIMIT, PAGE_LIMIT),
    after: readToken(query.get('pageToken')),
  });
  const resource = {
    kind: 'storage#objects',
    nextPageToken: page.end && Buffer.from(JSON.stringify(page.end)).toString('base64url'),
    prefixes: page.prefixes.length > 0 ? page.prefixes : undefined,
    items: page.items.length > 0 ? page.items.map(item => objectResource(item, exchange.origin)) : undefined,
  };
  exchange.sendJson(partialResponse(resource, query.get('fields')));
}

function readPage(bucket: Bucket, listing: Listing): Page {
  const { prefix, delimiter } = listing;
  const items: StoredObject[] = [];
  const prefixes: string[] = [];
  let end: Listing['after'];
  let name = firstName(bucket, listing);
  while (name?.startsWith(prefix)) {
    if (listing.endOffset !== undefined && !isBefore(name, listing.endOffset))
      return { items, prefixes, end: undefined };
    const found = listing.versions ? bucket.versions(name) : [bucket.find(name) ?? []].flat();
    if (found.length > 0) {
      if (items.length + prefixes.length >= listing.limit) return { items, prefixes, end };
      const cut = delimiter === undefined ? -1 : name.indexOf(delimiter, prefix.length);
      if (delimiter !== undefined && cut >= 0) {
        const group = name.slice(0, cut + delimiter.length);
        prefixes.push(group);
        if (listing.includeTrailingDelimiter && name === group) items.push(...found);
        end = { prefix: group };
        name = bucket.names.first(group, 'past-prefix');
        continue;
      }
      items.push(...found);
    }
    end = { name };
    name = bucket.names.after(name);
  }
  return { items, prefixes, end: undefined };
}

function firstName(bucket: Bucket, { prefix, startOffset, after }: Listing): string | undefined {
  if (after && 'name' in after) return bucket.names.after(after.name);
  if (after) return bucket.names.first(after.prefix, 'past-prefix');
  return bucket.names.first(isBefore(prefix, startOffset) ? startOffset : prefix);
}

function readToken(token: string | null): Listing['after'] {
  if (!token) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null) {
      if ('name' in value && typeof value.name === 'string') return { name: value.name };
      if ('prefix' in value && typeof value.prefix === 'string') return { prefix: value.prefix };
    }
  } catch {
    // Falls through to the refusal below: whatever it is, this server did not hand it out.
  }
  throw invalid(`Invalid value for pageToken: '${token}'.`);
}
