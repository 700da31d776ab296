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
type AllOptions = ChosenUploadOptions & PlainUploadOptions;

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
  const totalBytes = file instanceof Blob ? file.size : 0;
  const control = new Control(totalBytes, options.signal, options.onProgress);
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
  if (!(file instanceof Blob)) throw new TypeError('upload() needs a File or a Blob. Was one chosen?');
  control.throwIfAborted();
  const context = contextOf(file, control, options);
  const { claim, tus, to, tusAboveBytes = TUS_ABOVE_BYTES } = options as Partial<AllOptions>;
  if (to !== undefined) return uploadPlainly(context, { ...options, to });
  if (claim !== undefined && (tus === undefined || file.size <= tusAboveBytes))
    return uploadClaimed(context, { ...options, claim });
  if (tus !== undefined) return uploadByTus(context, { ...options, tus });
  throw new TypeError('upload() needs to know where: by `claim`, `tus` or `to`.');
}
