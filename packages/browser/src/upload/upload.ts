import { uploadClaimed } from '../claim/claimed.ts';
import { Control } from '../control/control.ts';
import { uploadByTus } from '../tus/tus.ts';
import { contextOf } from './context.ts';
import type {
  Answered,
  ChosenUploadOptions,
  ClaimedUploadOptions,
  PlainUploadOptions,
  ResumableUploadOptions,
  Upload,
  Uploaded,
} from './options.ts';
import { uploadPlainly } from './plain.ts';

type AnyOptions = ClaimedUploadOptions | ResumableUploadOptions | ChosenUploadOptions | PlainUploadOptions;

/** One request that is cut off is made again as a whole. */
const TUS_ABOVE_BYTES = 32 * 1024 * 1024;

/**
 * Uploads a file: straight to the storage by a claim, by tus, or to the application itself.
 *
 * @throws {UploadError} with a `code`; what `signal` was aborted with; what `claim` throws.
 *
 * @example
 * ```ts
 * import { upload } from '@fieldfile/browser';
 *
 * declare const file: File;
 * const { token } = await upload(file, {
 *   claim: '/claims',
 *   onProgress: ({ sentBytes, totalBytes }) => console.log(`${sentBytes} of ${totalBytes}`),
 * });
 * ```
 */
export function upload(file: Blob, options: PlainUploadOptions): Upload<Answered>;
export function upload(
  file: Blob,
  options: ClaimedUploadOptions | ResumableUploadOptions | ChosenUploadOptions,
): Upload<Uploaded>;
export function upload(file: Blob, options: AnyOptions): Upload<Uploaded | Answered> {
  const control = new Control(file.size, options.signal, options.onProgress);
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(options.signal?.reason);
  options.signal?.addEventListener('abort', onAbort);
  const running = start(file, control, options).finally(() => {
    options.signal?.removeEventListener('abort', onAbort);
    control.end();
  });
  return Object.assign(Promise.race([running, aborted.promise]), {
    pause: () => control.pause(),
    resume: () => control.resume(),
  });
}

async function start(file: Blob, control: Control, options: AnyOptions): Promise<Uploaded | Answered> {
  control.throwIfAborted();
  const context = contextOf(file, control, options);
  if ('to' in options) return uploadPlainly(context, options);
  if (!('tus' in options)) return uploadClaimed(context, options);
  const { tusAboveBytes = TUS_ABOVE_BYTES } = options as ChosenUploadOptions;
  if ('claim' in options && file.size <= tusAboveBytes) return uploadClaimed(context, options);
  return uploadByTus(context, options);
}
