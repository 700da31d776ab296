import { randomUUID } from 'node:crypto';
import { patchAttributes } from './attributes.ts';
import type { Body } from './body.ts';
import type { Bucket } from './bucket.ts';
import type { Exchange } from './exchange.ts';
import { invalid } from './gcs-error.ts';
import { checkObjectName } from './object-name.ts';
import { checkBeforeWrite, integer, preconditionsOfQuery } from './preconditions.ts';
import { objectResource } from './resource.ts';
import type { StoredObject } from './stored-object.ts';

const REWRITE_STEP_BYTES = 1024 * 1024;

interface Copy {
  readonly source: StoredObject;
  readonly to: Bucket;
  readonly name: string;
  readonly resource: Record<string, unknown>;
}

interface UnfinishedRewrite {
  readonly source: StoredObject;
  readonly target: string;
  readonly copiedBytes: number;
}

/** Copies within the service. A copy shares its source's file, so it costs nothing whatever its size. */
export class Rewrites {
  readonly #unfinished = new Map<string, UnfinishedRewrite>();

  /** `POST …/rewriteTo/b/BUCKET/o/OBJECT`: all at once, or `maxBytesRewrittenPerCall` at a time. */
  async rewrite(
    exchange: Exchange,
    from: Bucket,
    sourceName: string,
    to: Bucket,
    name: string,
  ): Promise<void> {
    const copy = await readCopy(exchange, from, sourceName, to, name);
    const { size } = copy.source.body;
    const step = Number(
      integer('maxBytesRewrittenPerCall', exchange.query.get('maxBytesRewrittenPerCall')) ?? size,
    );
    if (step !== size && (step === 0 || step % REWRITE_STEP_BYTES !== 0)) {
      throw invalid(`maxBytesRewrittenPerCall must be a multiple of ${REWRITE_STEP_BYTES}.`);
    }
    const copiedBytes = Math.min(this.#takeUp(exchange.query.get('rewriteToken'), copy) + step, size);
    const progress = {
      kind: 'storage#rewriteResponse',
      totalBytesRewritten: String(copiedBytes),
      objectSize: String(size),
    };
    if (copiedBytes < size) {
      checkBeforeWrite(to.find(name), preconditionsOfQuery(exchange.query));
      const rewriteToken = randomUUID();
      this.#unfinished.set(rewriteToken, { source: copy.source, target: targetOf(copy), copiedBytes });
      return exchange.sendJson({ ...progress, done: false, rewriteToken });
    }
    const object = putCopy(exchange, copy);
    exchange.sendJson({ ...progress, done: true, resource: objectResource(object, exchange.origin) });
  }

  #takeUp(token: string | null, copy: Copy): number {
    if (token === null) return 0;
    const before = this.#unfinished.get(token);
    // A token is good for this copy of this generation only.
    if (before?.source.generation !== copy.source.generation || before.target !== targetOf(copy)) {
      throw invalid(`Invalid rewriteToken: '${token}'.`);
    }
    return before.copiedBytes;
  }
}

/** `POST …/copyTo/b/BUCKET/o/OBJECT`. */
export async function copyObject(
  exchange: Exchange,
  from: Bucket,
  sourceName: string,
  to: Bucket,
  name: string,
): Promise<void> {
  const copy = await readCopy(exchange, from, sourceName, to, name);
  exchange.sendJson(objectResource(putCopy(exchange, copy), exchange.origin));
}

/** `POST …/moveTo/o/OBJECT`: the copy appears and the source disappears in one step. */
export async function moveObject(
  exchange: Exchange,
  bucket: Bucket,
  sourceName: string,
  name: string,
): Promise<void> {
  const copy = await readCopy(exchange, bucket, sourceName, bucket, name);
  const object = putCopy(exchange, copy);
  if (sourceName !== name) bucket.delete(sourceName, undefined, {});
  exchange.sendJson(objectResource(object, exchange.origin));
}

async function readCopy(
  exchange: Exchange,
  from: Bucket,
  sourceName: string,
  to: Bucket,
  name: string,
): Promise<Copy> {
  checkObjectName(name);
  // Read first: everything after it happens in one step.
  const resource = await exchange.json();
  const source = from.get(sourceName, integer('sourceGeneration', exchange.query.get('sourceGeneration')));
  checkBeforeWrite(source, preconditionsOfQuery(exchange.query, 'ifSource'));
  return { source, to, name, resource };
}

function putCopy(exchange: Exchange, { source, to, name, resource }: Copy): StoredObject {
  const attributes =
    // A resource in the request replaces the source's attributes as a whole.
    Object.keys(resource).length === 0 ? source.attributes : patchAttributes({}, resource);
  const body: Body = source.body.retain();
  try {
    return to.put(
      {
        name,
        body,
        attributes,
        isPublic: exchange.query.get('destinationPredefinedAcl') === 'publicRead',
        componentCount: source.componentCount,
      },
      preconditionsOfQuery(exchange.query),
    );
  } catch (cause) {
    body.release();
    throw cause;
  }
}

function targetOf({ to, name }: Copy): string {
  return `${to.name}/${name}`;
}
