import { FieldFileError } from '../errors/field-file-error.ts';
import type { ErrorContext } from './error-context.ts';
import { hasOnly, knownOptions } from './known-options.ts';
import type { ReadLimit } from './storage-options.ts';

const OPTIONS = ['maxBytes'];

/** The limit as a number. @throws `invalid-argument` for one that would limit nothing, as `NaN`. */
export function checkedMaxBytes(maxBytes: number | undefined, context: ErrorContext): number {
  if (maxBytes === undefined || maxBytes === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  if (Number.isSafeInteger(maxBytes) && maxBytes >= 0) return maxBytes;
  throw new FieldFileError(
    'invalid-argument',
    `maxBytes must be a whole number of bytes, not ${maxBytes}.`,
    context,
  );
}

/** {@link checkedMaxBytes}, where the limit is all that can be given. */
export function onlyMaxBytes(limit: ReadLimit, context: ErrorContext): number {
  if (!hasOnly(limit, OPTIONS)) knownOptions(limit, OPTIONS, { what: context.operation, ...context });
  return checkedMaxBytes(limit.maxBytes, context);
}

export const tooMuch = (maxBytes: number, context: ErrorContext): FieldFileError =>
  new FieldFileError(
    'too-large',
    `${JSON.stringify(context.name)} has more than ${maxBytes} bytes, which is all that may be read: raise maxBytes, or read a part (${context.operation}).`,
    context,
  );
