import { canPublishUrls, canSignUrls, FieldFileError, isStorage, type Storage } from '@fieldfile/storage';
import { mediaType } from '../safety/media-type.ts';
import { savedName } from '../safety/saved-name.ts';
import { isShown } from '../serve/file-headers.ts';
import type { ServeOptions } from '../serve/options.ts';
import type { Servable } from '../serve/servable.ts';

const URL_SECONDS = 300;

/** @throws `invalid-argument`. */
export function checkUrlSeconds(seconds: unknown = URL_SECONDS): void {
  if (Number.isSafeInteger(seconds) && Number(seconds) >= 2) return;
  throw new FieldFileError(
    'invalid-argument',
    `files cannot use urlSeconds ${String(seconds)}: give a whole number of seconds, at least 2.`,
    { operation: 'files' },
  );
}

/** Where a file is. Undefined for a handle without one, and for content that no storage has. */
export function placeOf(file: Servable): { readonly storage: Storage; readonly name: string } | undefined {
  if ('storage' in file)
    return isStorage(file.storage) ? { storage: file.storage, name: file.name } : undefined;
  if (!('stored' in file)) return undefined;
  // A handle of core knows its field, which its public type does not say.
  const { field } = file as { readonly field?: { readonly storage?: unknown } };
  return file.stored && isStorage(field?.storage)
    ? { storage: field.storage, name: file.stored.name }
    : undefined;
}

/**
 * Sends the client to the storage. The redirect may be kept for half the time that the URL holds, so that it never leads to
 * one that is over. Whether the file is shown is decided here, by its stored type, since the storage would show anything.
 *
 * @returns undefined where the storage has no URLs.
 * @throws `not-found`.
 */
export async function redirected(
  file: Servable,
  options: ServeOptions,
  urlSeconds: number = URL_SECONDS,
): Promise<Response | undefined> {
  const place = placeOf(file);
  if (!place || !(canSignUrls(place.storage) || canPublishUrls(place.storage))) return undefined;
  const { storage, name } = place;
  const info = await storage.info(name);
  const { essence } = mediaType(options.contentType ?? info.contentType);
  const download = savedName(options.download ?? name);
  const location = await storage.url(name, {
    expiresInSeconds: urlSeconds,
    disposition: isShown(essence, false, options) ? 'inline' : 'attachment',
    ...(download === undefined ? {} : { download }),
    ...(options.contentType === undefined ? {} : { contentType: options.contentType }),
  });
  const headers = {
    location,
    'cache-control': `private, max-age=${Math.floor(urlSeconds / 2)}`,
    'referrer-policy': 'no-referrer',
  };
  return new Response(null, { status: 302, headers });
}
