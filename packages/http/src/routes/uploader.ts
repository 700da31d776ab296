import type { AnyFileField } from '@fieldfile/core';
import { FieldFileError } from '@fieldfile/storage';
import { knownOptions } from '@fieldfile/storage/backend';
import { requireSameOrigin } from '../receive/same-origin.ts';
import { checkOrigins, type Origins } from './origins.ts';

/** Options of every handler that has clients upload for a field. */
export interface UploaderOptions {
  /** Whose files are uploaded. It has a journal and a key for claims. */
  readonly field: AnyFileField;
  /**
   * Whether this request may upload, or go on with an upload: asked before anything else of it is looked at. Only `true` allows; a
   * response, such as one that asks to sign in, is the answer. Default: nobody may.
   */
  readonly authorize?: (request: Request) => boolean | Response | Promise<boolean | Response>;
  /** Who uploads: the id of a user or a session. Nobody else goes on with an upload, or redeems it. */
  readonly user: (request: Request) => string | Promise<string>;
  /** How long an upload may take, until a row has the file. Default: a day. */
  readonly keepSeconds?: number;
  /** Other origins whose pages may send requests. `'*'`: all, where no cookie tells who the user is. Default: none. */
  readonly origins?: Origins;
  /** Told of errors that are answered with 500 or more. Default: a warning of the process. */
  readonly onError?: (error: unknown) => void;
}

/** Of handlers to which pages of other origins may send cookies, and headers of the application's. */
export interface CrossOriginOptions {
  /** Pages of `origins` may send cookies. Not with `'*'`. Default: false. */
  readonly credentials?: boolean;
  /** Further headers that scripts of `origins` may send, such as `authorization`. */
  readonly requestHeaders?: readonly string[];
}

/** Who may upload, for what, and until when. */
export type UploaderSettings = Required<Omit<UploaderOptions, 'onError'>>;

const OPTIONS: readonly (keyof UploaderOptions)[] = [
  ...(['field', 'authorize', 'user', 'keepSeconds', 'origins', 'onError'] as const),
];

/**
 * @param what the handler.
 * @param own the options that it has beside these; they are not looked at.
 * @returns what was given, with the defaults, and what refuses options of its own.
 * @throws `invalid-argument`.
 */
export function uploaderSettings(
  what: string,
  options: UploaderOptions & CrossOriginOptions,
  own: readonly string[],
): { readonly uploader: UploaderSettings; readonly refuse: (why: string) => never } {
  knownOptions(options, [...OPTIONS, ...own], { what, operation: 'construct' });
  const refuse = (why: string): never => {
    throw new FieldFileError('invalid-argument', `${what} cannot use ${why}.`, { operation: 'construct' });
  };
  const { field, authorize = () => false, user, keepSeconds = 86_400, origins = [] } = options;
  const { onError, credentials = false } = options;
  if (typeof (field as Partial<AnyFileField> | undefined)?.redeem !== 'function')
    refuse('field: give a field of defineFiles');
  if (typeof user !== 'function') refuse('user: give a function that says who uploads');
  for (const [option, given] of Object.entries({ authorize, onError }))
    if (given !== undefined && typeof given !== 'function') refuse(`${option}: give a function`);
  if (typeof keepSeconds !== 'number' || !(keepSeconds > 0))
    refuse(`keepSeconds ${keepSeconds}: give a number above 0`);
  if (!Number.isFinite(keepSeconds)) refuse('an endless keepSeconds: an upload must end');
  checkOrigins(origins, 'construct');
  if (credentials && origins === '*') refuse("credentials with '*': name the origins that may send cookies");
  return { uploader: { field, authorize, user, keepSeconds, origins }, refuse };
}

/**
 * The user who sends the request, or the answer where `authorize` gave one.
 *
 * @throws `cross-origin`; `permission` where nothing allows it, or nobody is named.
 */
export async function uploaderOf(
  request: Request,
  { origins, authorize, user }: UploaderSettings,
): Promise<string | Response> {
  requireSameOrigin(request, origins);
  const isAllowed = await authorize(request);
  if (isAllowed instanceof Response) return isAllowed;
  if (isAllowed !== true) throw new FieldFileError('permission', 'authorize did not allow it.');
  const named = await user(request);
  if (!named) throw new FieldFileError('permission', 'user named nobody.');
  return named;
}
