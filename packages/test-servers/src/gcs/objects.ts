import { patchAttributes } from './attributes.ts';
import type { Bucket } from './bucket.ts';
import { sendMedia } from './download.ts';
import type { Exchange } from './exchange.ts';
import { noSuchPath } from './gcs-error.ts';
import { partialResponse } from './partial-response.ts';
import { checkBeforeRead, integer, preconditionsOfQuery } from './preconditions.ts';
import { objectResource } from './resource.ts';

/** `/storage/v1/b/BUCKET/o/OBJECT`: metadata, bytes, patch, update and delete. */
export async function answerForObject(exchange: Exchange, bucket: Bucket, name: string): Promise<void> {
  const { query } = exchange;
  const generation = integer('generation', query.get('generation'));
  const preconditions = preconditionsOfQuery(query);
  switch (exchange.method) {
    case 'GET': {
      const object = bucket.get(name, generation);
      checkBeforeRead(object, preconditions);
      if (query.get('alt') === 'media') return await sendMedia(exchange, object, 'json');
      const resource = objectResource(object, exchange.origin);
      return exchange.sendJson(partialResponse(resource, query.get('fields')));
    }
    case 'PATCH':
    case 'PUT': {
      const change = await exchange.json();
      // PATCH changes what it names; PUT replaces what can be changed.
      const object = bucket.update(name, generation, preconditions, before =>
        patchAttributes(
          exchange.method === 'PATCH' ? before.attributes : { storageClass: before.attributes.storageClass },
          change,
        ),
      );
      return exchange.sendJson(partialResponse(objectResource(object, exchange.origin), query.get('fields')));
    }
    case 'DELETE':
      bucket.delete(name, generation, preconditions);
      return exchange.send(204);
    default:
      throw noSuchPath();
  }
}
