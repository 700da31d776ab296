import {
  type CrossOriginOptions,
  type UploaderOptions,
  type UploaderSettings,
  uploaderSettings,
} from '../routes/uploader.ts';

export interface ClaimsOptions extends UploaderOptions, CrossOriginOptions {
  /** Larger files go in parts or to a session, where the storage has that. Default: 32 MiB. */
  readonly partsAboveBytes?: number;
  /** The length of parts, as `field.claim` has it. Default: 16 MiB. */
  readonly partBytes?: number;
  /** How long a request to the storage may wait before it is made. Of a part, another one is signed. Default: an hour. */
  readonly expiresInSeconds?: number;
}

/** The options, with what follows from them. */
export interface ClaimsSettings extends UploaderSettings {
  readonly partsAboveBytes: number;
  readonly partBytes: number | undefined;
  readonly expiresInSeconds: number;
}

const OPTIONS = ['credentials', 'requestHeaders', 'partsAboveBytes', 'partBytes', 'expiresInSeconds'];

const PARTS_ABOVE_BYTES = 32 * 1024 ** 2;

/** @throws `invalid-argument`. */
export function claimsSettings(options: ClaimsOptions): ClaimsSettings {
  const { uploader, refuse } = uploaderSettings('claims', options, OPTIONS);
  const { partsAboveBytes = PARTS_ABOVE_BYTES, partBytes, expiresInSeconds = 3600 } = options;
  const { keepSeconds } = uploader;
  if (typeof partsAboveBytes !== 'number' || !(partsAboveBytes >= 0))
    refuse(`partsAboveBytes ${partsAboveBytes}: give a number of bytes`);
  for (const [option, given] of Object.entries({ partBytes, expiresInSeconds, keepSeconds }))
    if (given !== undefined && (!Number.isSafeInteger(given) || given < 1))
      refuse(`${option} ${given}: give a whole number above 0`);
  if (keepSeconds < expiresInSeconds) refuse('keepSeconds that end before expiresInSeconds');
  return { ...uploader, partsAboveBytes, partBytes, expiresInSeconds };
}
