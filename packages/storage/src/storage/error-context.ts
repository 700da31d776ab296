import { isFieldFileError } from '../errors/field-file-error.ts';

/** What every error of a storage says: which call failed, where, on what. */
export interface ErrorContext {
  readonly operation: string;
  readonly storage: string;
  readonly name?: string;
}

/**
 * Fills in what the thrower of a FieldFile error could not know: an abort inside a content knows no storage. Returns
 * the same error; anything else, such as what a user's stream threw, is left as it is.
 */
export function inContext(error: unknown, { operation, storage, name }: ErrorContext): unknown {
  if (!isFieldFileError(error)) return error;
  return Object.assign(error, {
    operation: error.operation ?? operation,
    storage: error.storage ?? storage,
    objectName: error.objectName ?? name,
  });
}
