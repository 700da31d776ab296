import { contentDisposition, contentTypeOf } from '@fieldfile/storage/backend';
import { contentKind, isDocument, isPagePart, isShownByDefault } from '../safety/content-kind.ts';
import { contentSecurityPolicy } from '../safety/content-security-policy.ts';
import { isOnFileHost } from '../safety/file-host.ts';
import { BINARY, type MediaType, mediaType } from '../safety/media-type.ts';
import { savedName } from '../safety/saved-name.ts';
import { type EntityTag, entityTagText } from './entity-tag.ts';
import type { ServeOptions } from './options.ts';
import type { ContentInfo } from './servable.ts';

/** Headers that every answer about a file has, 304 included: what a cache needs to know. */
export function cacheHeaders(tag: EntityTag | undefined, options: ServeOptions): Headers {
  const { immutable = false, vary = [] } = options;
  const standard = immutable ? 'private, max-age=31536000, immutable' : 'private, no-cache';
  const headers = new Headers({ 'cache-control': options.cacheControl ?? standard });
  if (tag) headers.set('etag', entityTagText(tag));
  if (vary.length > 0) headers.set('vary', vary.join(', '));
  return headers;
}

/** What an answer with content says of it. */
export function addContentHeaders(
  headers: Headers,
  request: Request,
  info: ContentInfo,
  options: ServeOptions,
  now: Date,
): void {
  const onFileHost = isOnFileHost(request, options.fileHost);
  const asked = mediaType(options.contentType ?? storedType(info));
  const type = isPagePart(asked.essence) && !onFileHost ? BINARY : asked;
  const kind = contentKind(type.essence);
  headers.set('content-type', withCharset(type));
  headers.set('content-disposition', disposition(type.essence, onFileHost, info, options));
  headers.set('content-security-policy', contentSecurityPolicy(kind));
  headers.set('x-content-type-options', 'nosniff');
  headers.set(
    'cross-origin-resource-policy',
    options.resourcePolicy ?? (onFileHost ? 'cross-origin' : 'same-origin'),
  );
  headers.set('accept-ranges', info.sizeBytes === undefined ? 'none' : 'bytes');
  if (info.contentEncoding !== undefined) headers.set('content-encoding', info.contentEncoding);
  if (info.lastModified) headers.set('last-modified', lastModifiedText(info.lastModified, now));
  const digest = options.digest ?? info.digest;
  if (digest?.algorithm === 'sha256' && /^[\w+/]{43}=$/.test(digest.base64))
    headers.set('repr-digest', `sha-256=:${digest.base64}:`);
}

/** Some services say so where nobody gave a type: then the name tells. */
const storedType = ({ contentType, name = '' }: ContentInfo): string | undefined =>
  contentType === undefined || /^\s*(?:application|binary)\/octet-stream\s*$/i.test(contentType)
    ? contentTypeOf(name)
    : contentType;

/** A browser would guess the encoding of a text. */
const withCharset = ({ essence, text }: MediaType): string =>
  essence === 'text/plain' && !/;\s*charset=/i.test(text) ? `${text}; charset=utf-8` : text;

function disposition(essence: string, onFileHost: boolean, info: ContentInfo, options: ServeOptions): string {
  const { download = info.name } = options;
  const name = download === undefined ? undefined : savedName(download);
  const how = isShown(essence, onFileHost, options) ? 'inline' : 'attachment';
  return contentDisposition({ disposition: how, ...(name === undefined ? {} : { download: name }) }) ?? how;
}

/** Whether a browser is to show it. */
export function isShown(
  essence: string,
  onFileHost: boolean,
  { disposition: asked, inline = [] }: ServeOptions,
): boolean {
  const isAllowed =
    isShownByDefault(contentKind(essence)) || inline.some(type => type.toLowerCase() === essence);
  return asked !== 'attachment' && isAllowed && (onFileHost || !isDocument(essence));
}

/** Never later than the answer itself (RFC 9110 section 8.8.2.1): a clock elsewhere may be ahead. */
const lastModifiedText = (lastModified: Date, now: Date): string =>
  (lastModified > now ? now : lastModified).toUTCString();
