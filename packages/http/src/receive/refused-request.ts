import { type ErrorCode, FieldFileError } from '@fieldfile/storage';

/** An error that the request itself is to blame for. Nothing was stored. */
export const refusedRequest = (code: ErrorCode, message: string, cause?: unknown): FieldFileError =>
  new FieldFileError(code, message, {
    operation: 'receive',
    ...(cause === undefined ? {} : { cause }),
  });
