import type { ErrorCode, FieldFileError } from '@fieldfile/storage';

/** What a client is told of an error: words of our own, since a message names storages, objects and hosts. */
export interface Problem {
  readonly status: number;
  readonly title: string;
}

const UNKNOWN: Problem = { status: 500, title: 'Something went wrong on the server' };

const PROBLEMS: Readonly<Record<ErrorCode, Problem>> = {
  'not-found': { status: 404, title: 'There is no such file' },
  'no-file': { status: 404, title: 'There is no such file' },
  exists: { status: 409, title: 'There is a file of this name already' },
  'suspicious-name': { status: 400, title: 'The name is not allowed' },
  'name-too-long': { status: 400, title: 'The name is too long' },
  'invalid-argument': { status: 400, title: 'The request is malformed' },
  'not-accepted': { status: 415, title: 'Files of this type are not accepted' },
  'not-inspected': { status: 503, title: 'The file could not be inspected' },
  'too-large': { status: 413, title: 'The file is too large' },
  'malformed-request': { status: 400, title: 'The request is malformed' },
  'request-too-large': { status: 413, title: 'The request is too large' },
  'too-many-files': { status: 413, title: 'There are too many files' },
  'too-many-fields': { status: 413, title: 'The form has too many fields' },
  'text-too-large': { status: 413, title: 'A text of the form is too long' },
  'headers-too-large': { status: 431, title: 'Headers of the form are too large' },
  'too-slow': { status: 408, title: 'Nothing came for too long' },
  'cross-origin': { status: 403, title: 'Pages of other origins are not allowed to do this' },
  'content-consumed': UNKNOWN,
  'owner-collected': UNKNOWN,
  deferred: UNKNOWN,
  'shadowed-field': UNKNOWN,
  'shared-location': { status: 500, title: 'The files are unavailable' },
  conflict: { status: 409, title: 'The file was changed meanwhile' },
  'intent-lost': { status: 409, title: 'The upload was given up meanwhile' },
  'transaction-ended': UNKNOWN,
  'transaction-lost': UNKNOWN,
  journal: { status: 503, title: 'Files cannot be stored at the moment' },
  permission: { status: 403, title: 'This is not allowed' },
  aborted: { status: 499, title: 'The request was given up' },
  timeout: { status: 504, title: 'The storage did not answer in time' },
  throttled: { status: 503, title: 'The storage is busy' },
  integrity: { status: 400, title: 'The content is not what was announced' },
  unsupported: { status: 501, title: 'The storage cannot do this' },
  precondition: { status: 412, title: 'The file is another version' },
  'unknown-storage': UNKNOWN,
  'no-space': { status: 507, title: 'The storage is full' },
  backend: { status: 502, title: 'The storage failed' },
};

/** What was read is not what the storage should have: nothing that the client sent is wrong. */
const DAMAGED: Problem = { status: 502, title: 'The storage gave damaged content' };

const READING: ReadonlySet<string | undefined> = new Set(['read', 'open', 'info', 'copy', 'move', 'serve']);

/** What the application itself said wrongly is no fault of the request. */
const OWN: ReadonlySet<string | undefined> = new Set(['serve', 'construct']);

/** By the error's code; codes of a newer release are errors of the server. */
export function problemOf({ code, operation }: FieldFileError): Problem {
  if (code === 'invalid-argument' && OWN.has(operation)) return UNKNOWN;
  if (code === 'integrity' && READING.has(operation)) return DAMAGED;
  return Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code] : UNKNOWN;
}

/** For what is no error of FieldFile. */
export const unknownProblem = (error: unknown): Problem =>
  error instanceof Error && error.name === 'AbortError' ? PROBLEMS.aborted : UNKNOWN;
