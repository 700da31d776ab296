import { patchAttributes } from './attributes.ts';
import { type Body, BodyWriter } from './body.ts';
import type { Bucket } from './bucket.ts';
import type { Exchange } from './exchange.ts';
import { invalid } from './gcs-error.ts';
import { checkObjectName } from './object-name.ts';
import { checkBeforeWrite, integer, preconditionsOfQuery } from './preconditions.ts';
import { objectResource } from './resource.ts';
import type { StoredObject } from './stored-object.ts';

const SOURCES_LIMIT = 32;

/** `POST …/o/OBJECT/compose`: the bytes of up to 32 objects one after the other. */
export async function composeObject(
  exchange: Exchange,
  bucket: Bucket,
  name: string,
  folder: string,
): Promise<void> {
  checkObjectName(name);
  const { destination, sourceObjects } = await exchange.json();
  const preconditions = preconditionsOfQuery(exchange.query);
  const sources = readSources(bucket, sourceObjects);
  checkBeforeWrite(bucket.find(name), preconditions);
  const resource = isRecord(destination) ? destination : {};
  const body = await concatenate(sources, folder);
  try {
    const object = bucket.put(
      {
        name,
        body,
        attributes: patchAttributes({ contentType: sources[0]?.attributes.contentType }, resource),
        isPublic: exchange.query.get('destinationPredefinedAcl') === 'publicRead',
        componentCount: sources.reduce((sum, source) => sum + (source.componentCount ?? 1), 0),
      },
      preconditions,
    );
    exchange.sendJson(objectResource(object, exchange.origin));
  } catch (cause) {
    body.release();
    throw cause;
  }
}

function readSources(bucket: Bucket, list: unknown): StoredObject[] {
  if (!Array.isArray(list) || list.length === 0)
    throw invalid('You must provide at least one source component.');
  if (list.length > SOURCES_LIMIT) {
    throw invalid(
      `The number of source components provided (${list.length}) exceeds the maximum (${SOURCES_LIMIT})`,
    );
  }
  return list.map((entry: unknown) => {
    if (!isRecord(entry)) throw invalid('A source object must be an object with a name.');
    const conditions = isRecord(entry.objectPreconditions) ? entry.objectPreconditions : {};
    const source = bucket.get(checkObjectName(text(entry.name)), number('generation', entry.generation));
    checkBeforeWrite(source, {
      generationMatch: number('ifGenerationMatch', conditions.ifGenerationMatch),
    });
    return source;
  });
}

async function concatenate(sources: readonly StoredObject[], folder: string): Promise<Body> {
  const bodies = sources.map(source => source.body.retain());
  try {
    await using writer = new BodyWriter(folder, { md5: false });
    for (const body of bodies) {
      for await (const chunk of body.read()) await writer.write(chunk as Buffer);
    }
    return await writer.finish();
  } finally {
    for (const body of bodies) body.release();
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function number(name: string, value: unknown): bigint | undefined {
  return integer(name, value === undefined ? undefined : String(value));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
