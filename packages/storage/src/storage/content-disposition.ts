import type { UrlOptions } from './capabilities.ts';

/**
 * The header that a URL's options ask for; undefined: none. A name has a plain form for old clients, and, where that is not
 * the whole of it, the one of RFC 8187.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6266
 */
export function contentDisposition({
  download,
  disposition = download === undefined ? undefined : 'attachment',
}: Pick<UrlOptions, 'download' | 'disposition'>): string | undefined {
  if (disposition === undefined || download === undefined) return disposition;
  const plain = download.replace(/[^\x20-\x7e]|["\\%]/gu, '_');
  const whole = plain === download ? '' : `; filename*=UTF-8''${encoded(download)}`;
  return `${disposition}; filename="${plain}"${whole}`;
}

const encoded = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(
    /['()*]/g,
    sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
