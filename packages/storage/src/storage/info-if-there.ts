import { isFieldFileError } from '../errors/field-file-error.ts';
import type { CallOptions, ObjectInfo } from './backend.ts';
import type { Storage } from './storage.ts';

/** What is known of an object; undefined where there is none. */
export async function infoIfThere(
  storage: Storage,
  name: string,
  options: CallOptions = {},
): Promise<ObjectInfo | undefined> {
  try {
    return await storage.info(name, options);
  } catch (error) {
    if (isFieldFileError(error, 'not-found')) return undefined;
    throw error;
  }
}
