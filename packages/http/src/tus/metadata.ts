import { malformed } from './tus-refusal.ts';

/** What a client says of a file, by its own names. */
export type Metadata = ReadonlyMap<string, string>;

/**
 * `Upload-Metadata`: pairs of a name and a value in base64, which may be missing. Names are ASCII without spaces and commas, and
 * each is there once.
 *
 * @throws 400.
 */
export function metadataIn(headers: Headers): Metadata {
  const text = headers.get('Upload-Metadata');
  const metadata = new Map<string, string>();
  if (text === null || text === '') return metadata;
  for (const pair of text.split(',')) {
    const [name = '', value = '', ...rest] = pair.trim().split(' ');
    if (!/^[!-+\--~]+$/.test(name) || metadata.has(name) || rest.length > 0 || !isBase64(value))
      throw malformed('Upload-Metadata has something that is no name with a value in base64');
    metadata.set(name, textOf(value));
  }
  return metadata;
}

const isBase64 = (value: string): boolean =>
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(value);

const textOf = (base64: string): string =>
  new TextDecoder().decode(Uint8Array.from(atob(base64), letter => letter.charCodeAt(0)));

/** What clients call the file: `filename` is tus-js-client's, `name` is Uppy's. */
export const filenameOf = (metadata: Metadata): string | undefined =>
  metadata.get('filename') || metadata.get('name') || undefined;

/** The type that they say. */
export const contentTypeIn = (metadata: Metadata): string | undefined =>
  metadata.get('filetype') || metadata.get('type') || undefined;
