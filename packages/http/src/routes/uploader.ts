import { FieldFileError } from '@fieldfile/storage';
import { requireSameOrigin } from '../receive/same-origin.ts';
import { checkOrigins, type Origins } from './origins.ts';

/** Who may upload. */
interface Uploaders {
  readonly origins: Origins;
  readonly authorize: (request: Request) => boolean | Response | Promise<boolean | Response>;
  readonly user: (request: Request) => string | Promise<string>;
}

/** Options of every handler that takes uploads for a field, as they were given. */
interface UploaderOptions {
  readonly field: unknown;
  readonly user: unknown;
  readonly authorize?: unknown;
  readonly onError?: unknown;
  readonly origins?: Origins;
  readonly credentials?: boolean;
}

/**
 * @param what the handler.
 * @returns what refuses the options that it has beside these.
 * @throws `invalid-argument`.
 */
export function checkUploaderOptions(
  what: string,
  { field, user, authorize, onError, origins = [], credentials = false }: UploaderOptions,
): (why: string) => never {
  const refuse = (why: string): never => {
    throw new FieldFileError('invalid-argument', `${what} cannot use ${why}.`, { operation: 'construct' });
  };
  if (
    typeof field !== 'object' ||
    field === null ||
    !('redeem' in field) ||
    typeof field.redeem !== 'function'
  )
    refuse('field: give a field of defineFiles');
  if (typeof user !== 'function') refuse('user: give a function that says who uploads');
  for (const [option, given] of Object.entries({ authorize, onError }))
    if (given !== undefined && typeof given !== 'function') refuse(`${option}: give a function`);
  checkOrigins(origins, 'construct');
  if (credentials && origins === '*') refuse("credentials with '*': name the origins that may send cookies");
  return refuse;
}

/**
 * The user who sends the request, or the answer where `authorize` gave one.
 *
 * @throws `cross-origin`; `permission` where nothing allows it, or nobody is named.
 */
export async function uploaderOf(
  request: Request,
  { origins, authorize, user }: Uploaders,
): Promise<string | Response> {
  requireSameOrigin(request, origins);
  const isAllowed = await authorize(request);
  if (isAllowed instanceof Response) return isAllowed;
  if (isAllowed !== true) throw new FieldFileError('permission', 'authorize did not allow it.');
  const named = await user(request);
  if (!named) throw new FieldFileError('permission', 'user named nobody.');
  return named;
}
