import type { AnyFileField } from '@fieldfile/core';
import { knownOptions } from '@fieldfile/storage/backend';
import type { Origins } from '../routes/origins.ts';
import { checkUploaderOptions } from '../routes/uploader.ts';

export interface ClaimsOptions {
  /** Whose files are uploaded. It has a journal and a key for claims. */
  readonly field: AnyFileField;
  /**
   * Whether this request may claim, or go on with a claim: asked before anything else of it is looked at. Only `true` allows; a
   * response, such as one that asks to sign in, is the answer. Default: nobody may.
   */
  readonly authorize?: (request: Request) => boolean | Response | Promise<boolean | Response>;
  /** Who uploads: the id of a user or a session. Nobody else has parts signed, or redeems what was uploaded. */
  readonly user: (request: Request) => string | Promise<string>;
  /** Larger files go in parts or to a session, where the storage has that. Default: 32 MiB. */
  readonly partsAboveBytes?: number;
  /** The length of parts, as `field.claim` has it. Default: 16 MiB. */
  readonly partBytes?: number;
  /** How long a request to the storage may wait before it is made. Of a part, another one is signed. Default: an hour. */
  readonly expiresInSeconds?: number;
  /** How long an upload may take, until a row has the file. Default: a day. */
  readonly keepSeconds?: number;
  /** Other origins whose pages may send requests. `'*'`: all, where no cookie tells who the user is. Default: none. */
  readonly origins?: Origins;
  /** Pages of `origins` may send cookies. Not with `'*'`. Default: false. */
  readonly credentials?: boolean;
  /** Further headers that scripts of `origins` may send, such as `authorization`. */
  readonly requestHeaders?: readonly string[];
  /** Told of errors that are answered with 500 or more. Default: a warning of the process. */
  readonly onError?: (error: unknown) => void;
}

/** The options, with what follows from them. */
export interface ClaimsSettings
  extends Required<Pick<ClaimsOptions, 'field' | 'authorize' | 'user' | 'partsAboveBytes' | 'origins'>>,
    Required<Pick<ClaimsOptions, 'expiresInSeconds' | 'keepSeconds'>> {
  readonly partBytes: number | undefined;
}

const OPTIONS = [
  ...['field', 'authorize', 'user', 'partsAboveBytes', 'partBytes', 'expiresInSeconds', 'keepSeconds'],
  ...['origins', 'credentials', 'requestHeaders', 'onError'],
];

const PARTS_ABOVE_BYTES = 32 * 1024 ** 2;

/** @throws `invalid-argument`. */
export function claimsSettings(options: ClaimsOptions): ClaimsSettings {
  knownOptions(options, OPTIONS, { what: 'claims', operation: 'construct' });
  const { field, authorize = () => false, user, origins = [] } = options;
  const { partsAboveBytes = PARTS_ABOVE_BYTES, partBytes } = options;
  const { expiresInSeconds = 3600, keepSeconds = 86_400 } = options;
  const refuse = checkUploaderOptions('claims', options);
  if (typeof partsAboveBytes !== 'number' || !(partsAboveBytes >= 0))
    refuse(`partsAboveBytes ${partsAboveBytes}: give a number of bytes`);
  for (const [option, given] of Object.entries({ partBytes, expiresInSeconds, keepSeconds }))
    if (given !== undefined && (!Number.isSafeInteger(given) || given < 1))
      refuse(`${option} ${given}: give a whole number above 0`);
  if (keepSeconds < expiresInSeconds) refuse('keepSeconds that end before expiresInSeconds');
  return { field, authorize, user, partsAboveBytes, partBytes, expiresInSeconds, keepSeconds, origins };
}
