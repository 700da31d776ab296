import { type ErrorCode, FieldFileError } from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';

/** What failed, where and on what. */
export interface Call {
  readonly operation: 'create' | 'replace' | 'copy' | 'read' | 'remove' | 'writePart' | 'complete';
  readonly storage: string;
  readonly name: ObjectName;
}

export const notFound = (call: Call): FieldFileError => failure('not-found', call, 'does not exist');

export const otherVersion = (call: Call): FieldFileError =>
  failure('precondition', call, 'is no longer the version that was asked for: ask for its info again');

export const undoneMeanwhile = (call: Call): FieldFileError =>
  failure('conflict', call, 'was undone while it was written');

export const partMissing = (call: Call, number: number): FieldFileError =>
  failure('integrity', call, `cannot be put together: part ${number} is not there as it was stored`);

export const overQuota = (call: Call, maxBytes: number, usedBytes: number): FieldFileError =>
  failure(
    'no-space',
    call,
    `does not fit: ${usedBytes} of ${maxBytes} bytes are used; remove something or raise maxBytes`,
  );

const failure = (code: ErrorCode, call: Call, what: string): FieldFileError =>
  new FieldFileError(
    code,
    `${JSON.stringify(call.name)} on storage "${call.storage}" ${what} (${call.operation}).`,
    call,
  );
