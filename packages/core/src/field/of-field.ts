import { isFieldFileError } from '@fieldfile/storage';

/** Tells an error of a storage which field it was for. Any other is left as it is. */
export function ofField<E>(error: E, label: string): E {
  if (isFieldFileError(error) && error.field === undefined) Object.assign(error, { field: label });
  return error;
}

/** Runs what reads a field's file, so that its errors say which. */
export async function readingField<T>(label: string, run: () => Promise<T> | T): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw ofField(error, label);
  }
}
