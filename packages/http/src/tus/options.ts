import { mostBytes } from '@fieldfile/core/resumable';
import { basePath } from '../routes/base-url.ts';
import {
  type CrossOriginOptions,
  type UploaderOptions,
  type UploaderSettings,
  uploaderSettings,
} from '../routes/uploader.ts';

/** The field's storage puts objects together of parts. */
export interface TusOptions extends UploaderOptions, CrossOriginOptions {
  /** Where clients reach the handler: a path such as `/uploads/`, or a URL. Addresses of uploads begin with it. */
  readonly baseUrl: string;
  /** Of one upload, beside the field's own `maxSizeBytes`. Default: no other limit. */
  readonly maxFileBytes?: number;
  /** Longest time in which nothing comes of a request. Then what came is kept, and the client goes on later. Default: 30. */
  readonly idleSeconds?: number;
}

/** The options, with what follows from them. */
export interface TusSettings extends UploaderSettings {
  /** The path of `baseUrl`, with `/` at its end. */
  readonly base: string;
  readonly baseUrl: string;
  /** Infinite where nothing limits it. */
  readonly maxFileBytes: number;
  readonly idleSeconds: number;
}

const OPTIONS = ['credentials', 'requestHeaders', 'baseUrl', 'maxFileBytes', 'idleSeconds'];

/** @throws `invalid-argument`. */
export function tusSettings(options: TusOptions): TusSettings {
  const { uploader, refuse } = uploaderSettings('tus', options, OPTIONS);
  const { baseUrl, maxFileBytes = Number.POSITIVE_INFINITY, idleSeconds = 30 } = options;
  for (const [option, given] of Object.entries({ maxFileBytes, idleSeconds }))
    if (typeof given !== 'number' || !(given > 0)) refuse(`${option} ${given}: give a number above 0`);
  return {
    ...uploader,
    ...{ base: basePath(baseUrl, 'tus'), baseUrl: baseUrl.replace(/\/*$/, '/'), idleSeconds },
    maxFileBytes: Math.min(maxFileBytes, mostBytes(uploader.field) ?? Number.POSITIVE_INFINITY),
  };
}
