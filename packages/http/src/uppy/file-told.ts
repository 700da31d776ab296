import { FieldFileError } from '@fieldfile/storage';
import { refusedRequest } from '../receive/refused-request.ts';
import type { UppySettings } from './options.ts';

/** What a client says of a file before its bytes come. */
export interface ToldFile {
  readonly filename: string;
  readonly contentType?: string;
  readonly sizeBytes?: number;
}

/** What Uppy says of a file whose type the browser does not know. */
const UNKNOWN_TYPE = 'application/octet-stream';

/**
 * The file of a request, by the words of the protocol.
 *
 * @param sizeBytes what the page has put into the file's metadata, where it has. Uppy itself does not tell the size.
 * @throws `malformed-request` for what is no name or size; `too-large`.
 */
export function fileTold(
  { maxFileBytes }: UppySettings,
  filename: unknown,
  type: unknown,
  sizeBytes: unknown,
): ToldFile {
  if (typeof filename !== 'string' || filename === '')
    throw refusedRequest('malformed-request', 'The request does not say what the file is called.');
  const size = sizeIn(sizeBytes);
  if (size !== undefined && size > maxFileBytes)
    throw new FieldFileError('too-large', `The file has ${size} bytes, and ${maxFileBytes} are allowed.`, {
      operation: 'upload',
    });
  return {
    filename,
    ...(typeof type === 'string' && type !== '' && type !== UNKNOWN_TYPE ? { contentType: type } : {}),
    ...(size === undefined ? {} : { sizeBytes: size }),
  };
}

function sizeIn(given: unknown): number | undefined {
  if (given === undefined || given === null || given === '') return undefined;
  if (/^\d{1,16}$/.test(String(given)) && Number.isSafeInteger(Number(given))) return Number(given);
  throw refusedRequest('malformed-request', 'The size of the file in its metadata is no number of bytes.');
}
