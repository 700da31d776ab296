import { thumbHashToApproximateAspectRatio, thumbHashToDataURL } from 'thumbhash';

/** The shortest hash: of an image of one colour. */
const LEAST_BYTES = 5;

/**
 * A blurred picture of an image as a `data:` URL, made of the thumbhash in its row: shown until the image is there.
 *
 * @param thumbhash what the `thumbhash` column has.
 * @returns undefined where the column is null, or holds no thumbhash.
 *
 * @example
 * ```ts
 * import { thumbhashUrl } from '@fieldfile/image';
 *
 * const url = thumbhashUrl('3OcRJYB4d3h/iIeHeEh3eIhw+j3A');
 * console.log(url?.slice(0, 22)); // data:image/png;base64,
 * ```
 */
export function thumbhashUrl(thumbhash: string | null | undefined): string | undefined {
  const hash = bytesOf(thumbhash ?? '');
  if (!hash || hash.length < LEAST_BYTES) return undefined;
  const ratio = thumbHashToApproximateAspectRatio(hash);
  return ratio > 0 && Number.isFinite(ratio) ? thumbHashToDataURL(hash) : undefined;
}

function bytesOf(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
}
