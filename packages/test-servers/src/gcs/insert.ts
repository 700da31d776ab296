import type { Bucket } from './bucket.ts';
import { collect, type Exchange, parseJsonObject } from './exchange.ts';
import { invalid } from './gcs-error.ts';
import { boundaryOf, mimeParts } from './mime-parts.ts';
import { objectResource } from './resource.ts';
import type { StoredObject } from './stored-object.ts';
import { planOfJson, receiveObject } from './upload-plan.ts';

const RESOURCE_LIMIT_BYTES = 64 * 1024;

/** `POST /upload/storage/v1/b/BUCKET/o` with `uploadType=media` or `multipart`: the whole object in one request. */
export async function insertObject(exchange: Exchange, bucket: Bucket, folder: string): Promise<void> {
  const uploadType = exchange.query.get('uploadType');
  let object: StoredObject;
  if (uploadType === 'media') {
    const plan = planOfJson(exchange, bucket, { contentType: exchange.header('content-type') });
    object = await receiveObject(plan, exchange.body(), folder);
  } else if (uploadType === 'multipart') {
    object = await insertRelated(exchange, bucket, folder);
  } else {
    throw invalid(`Invalid value for uploadType: '${uploadType}'.`);
  }
  exchange.sendJson(objectResource(object, exchange.origin));
}

// multipart/related: the object resource first, then its bytes.
async function insertRelated(exchange: Exchange, bucket: Bucket, folder: string): Promise<StoredObject> {
  const boundary = boundaryOf(exchange.header('content-type'), 'multipart/related');
  const parts = mimeParts(exchange.body(), boundary);
  const first = await parts.next();
  if (first.done) throw twoPartsNeeded();
  const resource = parseJsonObject(await collect(first.value.body, RESOURCE_LIMIT_BYTES));
  const second = await parts.next();
  if (second.done) throw twoPartsNeeded();
  const contentType = second.value.headers.get('content-type');
  const plan = planOfJson(exchange, bucket, { contentType, ...resource });
  const object = await receiveObject(plan, second.value.body, folder);
  return object;
}

function twoPartsNeeded(): Error {
  return invalid(
    'A multipart upload has two parts: the object resource and its bytes.',
    'MalformedMultipartRequest',
  );
}
