import type { AnyFileField } from '@fieldfile/core';
import { mostBytes } from '@fieldfile/core/resumable';
import { knownOptions } from '@fieldfile/storage/backend';
import { basePath } from '../routes/base-url.ts';
import type { Origins } from '../routes/origins.ts';
import { checkUploaderOptions } from '../routes/uploader.ts';

export interface TusOptions {
  /** Whose files are uploaded. Its storage puts objects together of parts, and it has a journal and a key for claims. */
  readonly field: AnyFileField;
  /** Where clients reach the handler: a path such as `/uploads/`, or a URL. Addresses of uploads begin with it. */
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
  /** Longest time in which nothing comes of a request. Then what came is kept, and the client goes on later. Default: 30. */
  readonly idleSeconds?: number;
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
export interface TusSettings {
  readonly field: AnyFileField;
  /** The path of `baseUrl`, with `/` at its end. */
  readonly base: string;
  readonly baseUrl: string;
  readonly authorize: NonNullable<TusOptions['authorize']>;
  readonly user: TusOptions['user'];
  /** Infinite where nothing limits it. */
  readonly maxFileBytes: number;
  readonly keepSeconds: number;
  readonly idleSeconds: number;
  readonly origins: Origins;
}

const OPTIONS = [
  ...['field', 'baseUrl', 'authorize', 'user', 'maxFileBytes', 'keepSeconds', 'idleSeconds'],
  ...['origins', 'credentials', 'requestHeaders', 'onError'],
];

/** @throws `invalid-argument`. */
export function tusSettings(options: TusOptions): TusSettings {
  knownOptions(options, OPTIONS, { what: 'tus', operation: 'construct' });
  const { field, baseUrl, authorize = () => false, user, origins = [] } = options;
  const { maxFileBytes = Number.POSITIVE_INFINITY, keepSeconds = 86_400, idleSeconds = 30 } = options;
  const refuse = checkUploaderOptions('tus', options);
  for (const [option, given] of Object.entries({ maxFileBytes, keepSeconds, idleSeconds }))
    if (typeof given !== 'number' || !(given > 0)) refuse(`${option} ${given}: give a number above 0`);
  if (!Number.isFinite(keepSeconds)) refuse('an endless keepSeconds: an upload must end');
  const base = basePath(baseUrl, 'tus');
  return {
    ...{
      field,
      base,
      baseUrl: baseUrl.replace(/\/*$/, '/'),
      authorize,
      user,
      keepSeconds,
      idleSeconds,
      origins,
    },
    maxFileBytes: Math.min(maxFileBytes, mostBytes(field) ?? Number.POSITIVE_INFINITY),
  };
}
