import { mostBytes } from '@fieldfile/core/resumable';
import { basePath } from '../routes/base-url.ts';
import { type UploaderOptions, type UploaderSettings, uploaderSettings } from '../routes/uploader.ts';

/** Uppy sends no cookies to other origins. */
export interface UppyOptions extends UploaderOptions {
  /**
   * Where clients reach the handler: Uppy's `companionEndpoint`, as a path such as `/uploads/` or a URL. A URL is needed behind a
   * proxy that speaks HTTPS where the application does not.
   */
  readonly baseUrl: string;
  /** Of one upload, beside the field's own `maxSizeBytes`. Default: no other limit. */
  readonly maxFileBytes?: number;
  /** For how long the request that sends a part may begin; 604,800 (7 days) at the most. Default: 3600. */
  readonly urlSeconds?: number;
  /** Longest time in which nothing comes of a form. Default: 30. */
  readonly idleSeconds?: number;
  /** How long the parts of a file are whose size is in its metadata: what Uppy's `getChunkSize` says. Default: what Uppy does without it. */
  readonly chunkBytes?: (sizeBytes: number) => number;
}

/** The options, with what follows from them. */
export interface UppySettings extends UploaderSettings {
  /** The path of `baseUrl`, with `/` at its end. */
  readonly base: string;
  readonly baseUrl: string;
  /** Infinite where nothing limits it. */
  readonly maxFileBytes: number;
  readonly urlSeconds: number;
  readonly idleSeconds: number;
  readonly chunkBytes: (sizeBytes: number) => number;
}

const OPTIONS = ['baseUrl', 'maxFileBytes', 'urlSeconds', 'idleSeconds', 'chunkBytes'];

/** @throws `invalid-argument`. */
export function uppySettings(options: UppyOptions): UppySettings {
  const { uploader, refuse } = uploaderSettings('uppy', options, OPTIONS);
  const { baseUrl, maxFileBytes = Number.POSITIVE_INFINITY, chunkBytes = uppysChunks } = options;
  const { urlSeconds = 3600, idleSeconds = 30 } = options;
  if (typeof chunkBytes !== 'function') refuse('chunkBytes: give a function');
  for (const [option, given] of Object.entries({ maxFileBytes, urlSeconds, idleSeconds }))
    if (typeof given !== 'number' || !(given > 0)) refuse(`${option} ${given}: give a number above 0`);
  if (!Number.isSafeInteger(urlSeconds)) refuse(`urlSeconds ${urlSeconds}: give whole seconds`);
  if (urlSeconds > LONGEST_URL_SECONDS)
    refuse(`urlSeconds ${urlSeconds}: give ${LONGEST_URL_SECONDS} at the most, the 7 days that S3 signs for`);
  return {
    ...uploader,
    ...{ base: basePath(baseUrl, 'uppy'), baseUrl: baseUrl.replace(/\/*$/, '/') },
    ...{ urlSeconds, idleSeconds, chunkBytes },
    maxFileBytes: Math.min(maxFileBytes, mostBytes(uploader.field) ?? Number.POSITIVE_INFINITY),
  };
}

/** Parts are signed by S3 alone. */
const LONGEST_URL_SECONDS = 7 * 24 * 60 * 60;

/** As @uppy/aws-s3 6 cuts a file: 10,000 parts at the most, of 5 MiB at the least. */
const uppysChunks = (sizeBytes: number): number => Math.max(5 * 1024 ** 2, Math.ceil(sizeBytes / 10_000));
