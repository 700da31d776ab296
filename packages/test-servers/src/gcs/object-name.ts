import { invalid, required } from './gcs-error.ts';

const LIMIT_BYTES = 1024;

/**
 * Returns the name if an object may be called so, else throws 400.
 *
 * @see https://cloud.google.com/storage/docs/objects#naming
 */
export function checkObjectName(name: string | null | undefined): string {
  if (name === null || name === undefined || name === '') throw required('name');
  const bytes = Buffer.byteLength(name);
  if (bytes > LIMIT_BYTES) {
    throw invalid(
      `The maximum object length is ${LIMIT_BYTES} characters, but got a name with ${bytes} characters.`,
    );
  }
  if (/[\r\n]/.test(name) || !name.isWellFormed()) {
    throw invalid(`Disallowed unicode characters present in object name '${name}'`);
  }
  if (name === '.' || name === '..' || name.startsWith('.well-known/acme-challenge/')) {
    throw invalid(`Invalid object name: '${name}'`);
  }
  return name;
}

/** Decodes one segment of a path, or throws 400 when it is not UTF-8. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw invalid(`The path segment '${segment}' is not percent-encoded UTF-8.`);
  }
}
