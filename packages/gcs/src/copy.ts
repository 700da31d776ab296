import type { ObjectInfo, ObjectVersion } from '@fieldfile/storage';
import {
  type Candidates,
  type ObjectName,
  throwIfAborted,
  type WriteOptions,
} from '@fieldfile/storage/backend';
import { attributesOfCopy, type ObjectParametersOption } from './attributes.ts';
import type { Bucket } from './bucket.ts';
import { isReservation, objectInfo } from './resource.ts';
import { ServiceError } from './service-error.ts';
import { takeName, undoWrite } from './upload.ts';

/** Copies within the service, with type and metadata, under the first name that it grants. */
export async function copyObject(
  bucket: Bucket,
  from: ObjectName,
  names: Candidates,
  options: WriteOptions & { readonly ifMatch?: ObjectVersion },
  parameters: ObjectParametersOption | undefined,
): Promise<ObjectInfo> {
  const { signal, ifMatch, writeId } = options;
  const context = { operation: 'copy', ...(signal ? { signal } : {}) };
  const original = await bucket.attributes(from, context);
  if (!original || isReservation(original)) throw new ServiceError(404, 'notFound', 'No such object.');
  const generation = String(original.generation);
  if (ifMatch !== undefined && generation !== ifMatch)
    throw new ServiceError(412, 'conditionNotMet', 'Another generation is there.');
  return takeName(bucket, names, options, async name => {
    const attributes = attributesOfCopy(name, original, options, parameters);
    const resource = await bucket.rewrite(
      from,
      generation,
      name,
      attributes,
      { ifGenerationMatch: '0' },
      context,
    );
    if (signal?.aborted) await undoWrite(bucket, name, writeId, { operation: 'copy' });
    throwIfAborted(signal, 'copy');
    return objectInfo(resource);
  });
}
