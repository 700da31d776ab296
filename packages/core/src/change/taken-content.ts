import { isFieldFileError } from '@fieldfile/storage';
import { discardContent } from '@fieldfile/storage/internal';

/** Runs a write, which takes over its content: what was refused is let go of, so that no file or socket stays open. */
export async function takingContent<T>(content: unknown, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isFieldFileError(error, 'content-consumed')) discardContent(content); // else somebody else reads it
    throw error;
  }
}
