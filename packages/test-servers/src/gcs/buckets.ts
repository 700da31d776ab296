import { Bucket } from './bucket.ts';
import type { Exchange } from './exchange.ts';
import { conflict, invalid, noSuchBucket, noSuchPath, preconditionFailed } from './gcs-error.ts';
import { preconditionsOfQuery } from './preconditions.ts';
import { bucketResource } from './resource.ts';

/** The buckets of one server, by name. */
export class Buckets {
  readonly #byName = new Map<string, Bucket>();

  get(name: string): Bucket {
    const bucket = this.#byName.get(name);
    if (bucket === undefined) throw noSuchBucket();
    return bucket;
  }

  /** @throws 400 for a name no bucket may have, 409 for one that is taken. */
  create(name: string): Bucket {
    if (!/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/.test(name)) {
      throw invalid(`Invalid bucket name: '${name}'`, 'InvalidBucketName');
    }
    if (this.#byName.has(name)) {
      const message = 'Your previous request to create the named bucket succeeded and you already own it.';
      throw conflict('BucketAlreadyOwnedByYou', message);
    }
    const bucket = new Bucket(name);
    this.#byName.set(name, bucket);
    return bucket;
  }

  delete(name: string): void {
    this.get(name).close();
    this.#byName.delete(name);
  }

  list(): Bucket[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** `/storage/v1/b`: create and list. */
export async function answerForBuckets(exchange: Exchange, buckets: Buckets): Promise<void> {
  if (exchange.method === 'POST') {
    const { name, ...settings } = await exchange.json();
    const bucket = buckets.create(String(name ?? ''));
    bucket.settings = settings;
    return exchange.sendJson(bucketResource(bucket, exchange.origin));
  }
  if (exchange.method !== 'GET') throw noSuchPath();
  const prefix = exchange.query.get('prefix') ?? '';
  const items = buckets.list().filter(bucket => bucket.name.startsWith(prefix));
  exchange.sendJson({
    kind: 'storage#buckets',
    items: items.map(bucket => bucketResource(bucket, exchange.origin)),
  });
}

/** `/storage/v1/b/BUCKET`: read, patch and delete. */
export async function answerForBucket(exchange: Exchange, buckets: Buckets, name: string): Promise<void> {
  const bucket = buckets.get(name);
  const { metagenerationMatch } = preconditionsOfQuery(exchange.query);
  if (metagenerationMatch !== undefined && metagenerationMatch !== bucket.metageneration)
    throw preconditionFailed();
  switch (exchange.method) {
    case 'GET':
      return exchange.sendJson(bucketResource(bucket, exchange.origin));
    case 'PATCH':
      bucket.settings = { ...bucket.settings, ...(await exchange.json()) };
      bucket.metageneration++;
      return exchange.sendJson(bucketResource(bucket, exchange.origin));
    case 'DELETE':
      buckets.delete(name);
      return exchange.send(204);
    default:
      throw noSuchPath();
  }
}
