import { problem } from '../errors/problem.ts';
import { ofKnownUpload } from '../routes/known-upload.ts';
import { isPreflight, preflight, withOrigin } from '../routes/origins.ts';
import { uploaderOf } from '../routes/uploader.ts';
import { type UppyOptions, type UppySettings, uppySettings } from './options.ts';
import { routeOf } from './routes.ts';

/**
 * A Web handler for uploads of Uppy's `@uppy/aws-s3`, which is given its address as `companionEndpoint`. It denies by default.
 * Files that go in parts go straight to the storage, by a request for each part; others come through the handler, since the form
 * in which Uppy sends them could be sent to a bucket again and again.
 *
 * What Uppy has at the end as `body.key` is a token: `field.redeem` makes a file of it.
 *
 * @throws `invalid-argument` for an option that is none.
 *
 * @example
 * ```ts
 * import { defineFiles, model } from '@fieldfile/core';
 * import { uppy } from '@fieldfile/http/uppy';
 *
 * interface FilmRow {
 *   id: number;
 *   file: string | null;
 * }
 * const films = defineFiles(model<FilmRow>()('film', 'id'), {
 *   file: { accept: ['video/*'], claims: { signingKey: 'a secret of at least 32 characters' } },
 * });
 * declare function userOf(request: Request): Promise<{ readonly id: string } | undefined>;
 *
 * export const handler = uppy({
 *   field: films.file,
 *   baseUrl: '/uploads/',
 *   authorize: async request => (await userOf(request)) !== undefined,
 *   user: async request => (await userOf(request))?.id ?? '',
 * });
 * ```
 */
export function uppy(options: UppyOptions): (request: Request) => Promise<Response> {
  const settings = uppySettings(options);
  const { origins } = settings;
  const { onError } = options;
  return async request => {
    if (isPreflight(request)) return preflight(request, origins, METHODS);
    const response = await answered(request, settings, onError);
    return withOrigin(request, origins, response);
  };
}

const METHODS = ['GET', 'POST', 'DELETE'];

async function answered(
  request: Request,
  settings: UppySettings,
  onError: UppyOptions['onError'],
): Promise<Response> {
  try {
    const route = routeOf(request, settings);
    if (route instanceof Response) return route;
    const user = await uploaderOf(request, settings);
    if (user instanceof Response) return user;
    return await ofKnownUpload(request, () => route({ request, settings, user, url: new URL(request.url) }));
  } catch (error) {
    return problem(error, { request, ...(onError ? { onError } : {}) });
  } finally {
    // What was not asked for is not waited for.
    if (request.body && !request.body.locked) await request.body.cancel().catch(() => {});
  }
}
