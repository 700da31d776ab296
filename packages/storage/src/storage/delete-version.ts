import { FieldFileError, isFieldFileError } from '../errors/field-file-error.ts';
import type { CallOptions, ObjectInfo, ObjectVersion } from './backend.ts';

/**
 * Removes an object while it is that version. Where the service honours no condition on deletes, it is looked at just
 * before, which leaves a moment in which another write under the same name would be lost.
 *
 * @throws `precondition` when another version is there.
 */
export async function deleteVersion(
  storage: Objects,
  name: string,
  version: ObjectVersion,
  options: CallOptions,
): Promise<void> {
  try {
    await storage.delete(name, { ...options, ifMatch: version });
  } catch (error) {
    if (!isFieldFileError(error, 'unsupported')) throw error;
    const found = await storage.info(name, options);
    if (found.version !== version)
      throw new FieldFileError('precondition', `${JSON.stringify(name)} has another version by now.`, {
        operation: 'delete',
        storage: storage.id,
        name,
      });
    await storage.delete(name, options);
  }
}

/** What is asked of a `Storage`, which itself removes by this function. */
interface Objects {
  readonly id: string;
  info(name: string, options: CallOptions): Promise<ObjectInfo>;
  delete(name: string, options: CallOptions & { readonly ifMatch?: ObjectVersion }): Promise<void>;
}
