import type { ContainerClient } from '@azure/storage-blob';
import { RestError } from '@azure/storage-blob';
import type { ObjectName } from '@fieldfile/storage/backend';
import { type CallSettings, request } from './request.ts';

/** What the service takes in one batch. */
const BATCH_SIZE = 256;

/** What goes with an object, as the SDK takes it. */
export interface Deletion {
  readonly deleteSnapshots?: 'include';
}

/** Deletes in batches. @returns what the service refused. */
export async function removeBlobs(
  container: ContainerClient,
  names: readonly ObjectName[],
  deletion: Deletion,
  settings: CallSettings,
  explain: (error: unknown, name: ObjectName) => unknown,
): Promise<ReadonlyMap<ObjectName, unknown>> {
  const batches = container.getBlobBatchClient();
  const failed = new Map<ObjectName, unknown>();
  // The service refuses a batch that names one blob twice.
  const rest = [...new Set(names)];
  while (rest.length > 0) {
    const batch = rest.splice(0, BATCH_SIZE);
    const { subResponses } = await request(settings, async abortSignal => {
      // Not `deleteBlobs`: the SDK drops its signal.
      const deletions = batches.createBatch();
      for (const name of batch) await deletions.deleteBlob(container.getBlockBlobClient(name), deletion);
      return batches.submitBatch(deletions, { abortSignal });
    });
    for (const [index, name] of batch.entries()) {
      const answer = subResponses[index];
      if (answer && (answer.status < 300 || answer.errorCode === 'BlobNotFound')) continue;
      const { status = 500, statusMessage = 'No answer for it.', errorCode } = answer ?? {};
      const error = new RestError(statusMessage, {
        statusCode: status,
        ...(errorCode ? { code: errorCode } : {}),
      });
      failed.set(name, explain(error, name));
    }
  }
  return failed;
}
