import { FieldFileError } from '@fieldfile/storage';
import { requireSameOrigin } from '../receive/same-origin.ts';
import type { Origins } from './origins.ts';

/** Who may upload. */
interface Uploaders {
  readonly origins: Origins;
  readonly authorize: (request: Request) => boolean | Response | Promise<boolean | Response>;
  readonly user: (request: Request) => string | Promise<string>;
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
