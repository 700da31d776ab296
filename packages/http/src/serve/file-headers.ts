import type { Digest } from '@fieldfile/storage';
import { contentDisposition, contentTypeOf } from '@fieldfile/storage/backend';
import { contentKind, isDocument, isPagePart, isShownByDefault } from '../safety/content-kind.ts';
import { contentSecurityPolicy } from '../safety/content-security-policy.ts';
import { isOnFileHost } from '../safety/file-host.ts';
import { BINARY, type MediaType, mediaType } from '../safety/media-type.ts';
import { savedName } from '../safety/saved-name.ts';
import { type EntityTag, entityTagText } from './entity-tag.ts';
import type { ServeOptions } from './options.ts';
import type { ContentInfo } from './servable.ts';

/** By name, in small letters. */
export type HeaderFields = Record<string, string>;

/** Headers that every answer about a file has, 304 included: what a cache needs to know. */
export function cacheHeaders(tag: EntityTag | undefined, options: ServeOptions): HeaderFields {
  const { immutable = false, vary = [] } = options;
  const standard = immutable ? 'private, max-age=31536000, immutable' : 'private, no-cache';
  return {
    'cache-control': options.cacheControl ?? standard,
    ...(tag && { etag: entityTagText(tag) }),
    ...(vary.length > 0 && { vary: vary.join(', ') }),
  };
}

/** What an answer with content says of it. */
export function contentHeaders(
  request: Request,
  info: ContentInfo,
  options: ServeOptions,
  now: Date,
): HeaderFields {
  const onFileHost = isOnFileHost(request, options.fileHost);
  const asked = mediaType(options.contentType ?? storedType(info));
  const type = isPagePart(asked.essence) && !onFileHost ? BINARY : asked;
  const kind = contentKind(type.essence);
  const digest = options.digest ?? info.digest;
  return {
    'content-type': withCharset(type),
    'content-disposition': disposition(type.essence, onFileHost, info, options),
    'content-security-policy': contentSecurityPolicy(kind),
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': options.resourcePolicy ?? (onFileHost ? 'cross-origin' : 'same-origin'),
    'accept-ranges': info.sizeBytes === undefined ? 'none' : 'bytes',
    ...(info.contentEncoding !== undefined && { 'content-encoding': info.contentEncoding }),
    ...(info.lastModified && { 'last-modified': lastModifiedText(info.lastModified, now) }),
    ...(digest && isSha256(digest) && { 'repr-digest': `sha-256=:${digest.base64}:` }),
  };
}

const isSha256 = ({ algorithm, base64 }: Digest): boolean =>
  algorithm === 'sha256' && /^[\w+/]{43}=$/.test(base64);

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
