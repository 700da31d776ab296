import type { SignedUploadOptions } from '@fieldfile/storage';
import { contentDisposition } from '@fieldfile/storage/backend';
import type { ObjectParameters } from './options.ts';

/**
 * What an object gets that a client uploads itself, as headers of its PUT: the storage's parameters, and before them what
 * was asked for this upload. The encryption scope goes with the signature.
 */
export function uploadHeaders(
  parameters: ObjectParameters,
  upload: SignedUploadOptions,
): Record<string, string> {
  const { contentType } = upload;
  const {
    cacheControl = parameters.cacheControl,
    contentEncoding = parameters.contentEncoding,
    contentLanguage = parameters.contentLanguage,
  } = upload;
  const headers = {
    'x-ms-blob-type': 'BlockBlob',
    'content-type': contentType,
    'x-ms-blob-cache-control': cacheControl,
    'x-ms-blob-content-disposition': contentDisposition(upload) ?? parameters.contentDisposition,
    'x-ms-blob-content-encoding': contentEncoding,
    'x-ms-blob-content-language': contentLanguage,
    'x-ms-access-tier': parameters.tier,
    'x-ms-tags': parameters.tags && tagsText(parameters.tags),
  };
  return Object.fromEntries(
    Object.entries(headers).flatMap(([header, text]) => (text === undefined ? [] : [[header, text]])),
  );
}

const tagsText = (tags: NonNullable<ObjectParameters['tags']>): string =>
  Object.entries(tags)
    .map(pair => pair.map(encodeURIComponent).join('='))
    .join('&');
