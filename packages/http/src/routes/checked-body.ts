import { type Digest, FieldFileError } from '@fieldfile/storage';
import { runningDigest } from '@fieldfile/storage/backend';

/**
 * The digests of the body that a client announces: `Repr-Digest` and `Content-Digest` (RFC 9530), and `Content-MD5`.
 * Algorithms that nobody computes here are passed over.
 */
export function announcedDigests(headers: Headers): readonly Digest[] {
  const digests: Digest[] = [];
  for (const name of ['repr-digest', 'content-digest'])
    for (const [, base64 = ''] of (headers.get(name) ?? '').matchAll(/(?:^|,)\s*sha-256=:([\w+/=-]*):/gi))
      digests.push({ algorithm: 'sha256', base64 });
  const md5 = headers.get('content-md5');
  if (md5 !== null) digests.push({ algorithm: 'md5', base64: md5.trim() });
  return digests;
}

/**
 * The body, whose last chunk is held back until it is known that it has all the digests: a storage that creates at the end
 * has nothing until then.
 *
 * @throws `integrity` out of the iteration, when it has not.
 */
export async function* checkedBody(
  body: AsyncIterable<Uint8Array> | null,
  digests: readonly Digest[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const checks = digests.map(({ algorithm, base64 }) => ({ running: runningDigest(algorithm), base64 }));
  let held: Uint8Array | undefined;
  for await (const chunk of body ?? []) {
    for (const { running } of checks) running.update(chunk);
    if (held) yield held;
    held = chunk;
  }
  for (const { running, base64 } of checks)
    if (running.base64() !== base64)
      throw new FieldFileError('integrity', 'The upload has another digest than was announced or signed.', {
        operation: 'receive',
      });
  if (held) yield held;
}
