import type { AnyFileField } from '@fieldfile/core';
import { mostBytes } from '@fieldfile/core/resumable';
import { knownOptions } from '@fieldfile/storage/backend';
import { basePath } from '../routes/base-url.ts';
import type { Origins } from '../routes/origins.ts';
import { checkUploaderOptions } from '../routes/uploader.ts';

export interface UppyOptions {
  /** Whose files are uploaded. It has a journal and a key for claims. */
  readonly field: AnyFileField;
  /**
   * Where clients reach the handler: Uppy's `companionEndpoint`, as a path such as `/uploads/` or a URL. A URL is needed behind a
   * proxy that speaks HTTPS where the application does not.
   */
  readonly baseUrl: string;
  /**
   * Whether this request may upload, or go on with an upload: asked before anything else of it is looked at. Only `true` allows; a
   * response, such as one that asks to sign in, is the answer. Default: nobody may.
   */
  readonly authorize?: (request: Request) => boolean | Response | Promise<boolean | Response>;
  /** Who uploads: the id of a user or a session. Nobody else goes on with an upload, or redeems it. */
  readonly user: (request: Request) => string | Promise<string>;
  /** Of one upload, beside the field's own `maxSizeBytes`. Default: no other limit. */
  readonly maxFileBytes?: number;
  /** How long an upload may take, until a row has the file. Default: a day. */
  readonly keepSeconds?: number;
  /** For how long the request that sends a part may begin. Default: 3600. */
  readonly urlSeconds?: number;
  /** Longest time in which nothing comes of a form. Default: 30. */
  readonly idleSeconds?: number;
  /** How long the parts of a file are whose size is in its metadata: what Uppy's `getChunkSize` says. Default: what Uppy does without it. */
  readonly chunkBytes?: (sizeBytes: number) => number;
  /** Other origins whose pages may send requests; Uppy sends no cookies there. `'*'`: all. Default: none. */
  readonly origins?: Origins;
  /** Told of errors that are answered with 500 or more. Default: a warning of the process. */
  readonly onError?: (error: unknown) => void;
}

/** The options, with what follows from them. */
export interface UppySettings {
  readonly field: AnyFileField;
  /** The path of `baseUrl`, with `/` at its end. */
  readonly base: string;
  readonly baseUrl: string;
  readonly authorize: NonNullable<UppyOptions['authorize']>;
  readonly user: UppyOptions['user'];
  /** Infinite where nothing limits it. */
  readonly maxFileBytes: number;
  readonly keepSeconds: number;
  readonly urlSeconds: number;
  readonly idleSeconds: number;
  readonly chunkBytes: (sizeBytes: number) => number;
  readonly origins: Origins;
}

const OPTIONS = [
  ...['field', 'baseUrl', 'authorize', 'user', 'maxFileBytes', 'keepSeconds', 'urlSeconds', 'idleSeconds'],
  ...['chunkBytes', 'origins', 'onError'],
];

/** @throws `invalid-argument`. */
export function uppySettings(options: UppyOptions): UppySettings {
  knownOptions(options, OPTIONS, { what: 'uppy', operation: 'construct' });
  const { field, baseUrl, authorize = () => false, user, origins = [], chunkBytes = uppysChunks } = options;
  const {
    maxFileBytes = Number.POSITIVE_INFINITY,
    keepSeconds = 86_400,
    urlSeconds = 3600,
    idleSeconds = 30,
  } = options;
  const refuse = checkUploaderOptions('uppy', options);
  if (typeof chunkBytes !== 'function') refuse('chunkBytes: give a function');
  for (const [option, given] of Object.entries({ maxFileBytes, keepSeconds, urlSeconds, idleSeconds }))
    if (typeof given !== 'number' || !(given > 0)) refuse(`${option} ${given}: give a number above 0`);
  if (!Number.isFinite(keepSeconds)) refuse('an endless keepSeconds: an upload must end');
  if (!Number.isSafeInteger(urlSeconds)) refuse(`urlSeconds ${urlSeconds}: give whole seconds`);
  return {
    ...{ field, base: basePath(baseUrl, 'uppy'), baseUrl: baseUrl.replace(/\/*$/, '/') },
    ...{ authorize, user, keepSeconds, urlSeconds, idleSeconds, chunkBytes, origins },
    maxFileBytes: Math.min(maxFileBytes, mostBytes(field) ?? Number.POSITIVE_INFINITY),
  };
}

/** As @uppy/aws-s3 6 cuts a file: 10,000 parts at the most, of 5 MiB at the least. */
const uppysChunks = (sizeBytes: number): number => Math.max(5 * 1024 ** 2, Math.ceil(sizeBytes / 10_000));
