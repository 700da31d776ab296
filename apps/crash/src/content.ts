import { createHash } from 'node:crypto';

/**
 * Content that tells by itself whether it is whole: a line with its token and length, then bytes made of the token.
 *
 * @param token without spaces and line ends.
 */
export function contentOf(token: string, sizeBytes: number): Buffer<ArrayBuffer> {
  const head = Buffer.from(`${token} ${sizeBytes}\n`);
  const pattern = createHash('sha512').update(token).digest();
  return Buffer.concat([head, Buffer.alloc(sizeBytes, pattern)]);
}

/** Tokens of contents that no inspector lets through begin with it. */
export const REFUSED = 'refused-';

/** Whether content is of that kind, as far as its first bytes tell. */
export const isRefused = (beginning: Uint8Array): boolean =>
  Buffer.from(beginning.subarray(0, REFUSED.length)).toString() === REFUSED;

/** Why these bytes are no content made here; undefined when they are. */
export function faultOf(bytes: Uint8Array): string | undefined {
  const end = bytes.indexOf(10);
  const [token = '', size = ''] = Buffer.from(bytes.subarray(0, end)).toString().split(' ');
  if (end === -1 || !/^\d+$/.test(size)) return 'no content of ours';
  return contentOf(token, Number(size)).equals(bytes) ? undefined : `torn content of ${token}`;
}

/** As core writes it beside the name. */
export const digestOf = (bytes: Uint8Array): string =>
  `sha256-${createHash('sha256').update(bytes).digest('base64')}`;

/** In chunks, as something that can be read once. */
export async function* oneShot(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += chunkBytes)
    yield bytes.subarray(start, start + chunkBytes);
}
