/** @see https://tus.io/protocols/resumable-upload */
export const VERSION = '1.0.0';

export const EXTENSIONS = [
  'creation',
  'creation-with-upload',
  'creation-defer-length',
  'termination',
  'expiration',
  'checksum',
  'concatenation',
] as const;

/** The type of the bytes of an upload. */
export const PIECE_TYPE = 'application/offset+octet-stream';

/** Headers that scripts of other origins send. */
export const SENT: readonly string[] = [
  'content-type',
  'tus-resumable',
  'upload-checksum',
  'upload-concat',
  'upload-defer-length',
  'upload-length',
  'upload-metadata',
  'upload-offset',
  'x-http-method-override',
  'x-requested-with',
  'x-request-id',
];

/** Headers that they read. */
export const SHOWN: readonly string[] = [
  'location',
  'retry-after',
  'tus-checksum-algorithm',
  'tus-extension',
  'tus-max-size',
  'tus-resumable',
  'tus-version',
  'upload-concat',
  'upload-defer-length',
  'upload-expires',
  'upload-length',
  'upload-metadata',
  'upload-offset',
];
