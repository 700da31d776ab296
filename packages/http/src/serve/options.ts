import { type Digest, FieldFileError } from '@fieldfile/storage';
import type { FileHost } from '../safety/file-host.ts';

/** How `serve` answers. */
export interface ServeOptions {
  /**
   * `'attachment'` saves what would be shown. `'inline'` shows what may be shown, as the default does: what is not allowed
   * stays an attachment.
   */
  readonly disposition?: 'inline' | 'attachment';
  /**
   * Types that are shown beside raster images, audio, video and plain text: `['application/pdf']`. Documents that can run
   * scripts, such as SVG and HTML, are shown on a {@link fileHost} only, in a sandbox.
   */
  readonly inline?: readonly string[];
  /** Name to be saved under, cleaned first. Default: the last part of the object's name. */
  readonly download?: string;
  /** In place of the stored type. */
  readonly contentType?: string;
  /**
   * A host of its own for files. There, pages of other sites may show them (`Cross-Origin-Resource-Policy`), and scripts
   * and style sheets have their type. Default: the application's own origin, where all that is refused.
   */
  readonly fileHost?: FileHost;
  /** In place of what follows from `fileHost`: `same-origin`, and `cross-origin` on a file host. */
  readonly resourcePolicy?: 'same-origin' | 'same-site' | 'cross-origin';
  /** `Cache-Control`. Default: `private, no-cache`; with `immutable` `private, max-age=31536000, immutable`. */
  readonly cacheControl?: string;
  /** The name is made of the content, so that what it names never changes. Default: false. */
  readonly immutable?: boolean;
  /** Request headers that the application chose the file by, for `Vary`: `['accept']`. */
  readonly vary?: readonly string[];
  /** Of the whole content, where the storage does not know it: for `Repr-Digest`, which takes SHA-256. */
  readonly digest?: Digest;
  /** Parts of one answer at most; who asks for more gets the whole file. Default: 32. */
  readonly maxRanges?: number;
  /** Told of errors that are answered with a status of 500 or more. Default: a warning of the process. */
  readonly onError?: (error: unknown) => void;
}

const OPTIONS: Readonly<Record<keyof ServeOptions, true>> = {
  disposition: true,
  inline: true,
  download: true,
  contentType: true,
  fileHost: true,
  resourcePolicy: true,
  cacheControl: true,
  immutable: true,
  vary: true,
  digest: true,
  maxRanges: true,
  onError: true,
};

const DISPOSITIONS: readonly unknown[] = [undefined, 'inline', 'attachment'];
const POLICIES: readonly unknown[] = [undefined, 'same-origin', 'same-site', 'cross-origin'];
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;

/** @throws `invalid-argument`, naming the option: nothing that was said about safety is passed over. */
export function checkServeOptions(options: ServeOptions): void {
  const { disposition, resourcePolicy, cacheControl, vary = [], maxRanges = 1, fileHost } = options;
  for (const name of Object.keys(options)) if (!Object.hasOwn(OPTIONS, name)) refuse(name, 'it is no option');
  if (!DISPOSITIONS.includes(disposition)) refuse('disposition', "give 'inline' or 'attachment'");
  if (!POLICIES.includes(resourcePolicy))
    refuse('resourcePolicy', "give 'same-origin', 'same-site' or 'cross-origin'");
  if (cacheControl !== undefined && !/^[\t\x20-\x7e]+$/.test(cacheControl))
    refuse('cacheControl', 'give printable ASCII');
  if (!vary.every(name => TOKEN.test(name))) refuse('vary', 'give names of headers');
  if (!(Number.isSafeInteger(maxRanges) && maxRanges >= 1)) refuse('maxRanges', 'give a whole number from 1');
  if (fileHost !== undefined && fileHost !== true && !/^[^\s/@?#]+$/.test(fileHost))
    refuse('fileHost', "give a host such as 'files.example.net', without https://");
}

function refuse(option: string, fix: string): never {
  throw new FieldFileError('invalid-argument', `serve cannot use the option ${option}: ${fix}.`, {
    operation: 'serve',
  });
}
