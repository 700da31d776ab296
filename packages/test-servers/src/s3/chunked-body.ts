import { createHash } from 'node:crypto';
import { type Authentication, signatureDoesNotMatch } from './authenticate.ts';
import { ByteReader, incompleteBody } from './byte-reader.ts';
import { sha256, sign } from './signature.ts';

/** How the chunks of an `aws-chunked` body are told apart. */
export interface ChunkedKind {
  readonly signed: boolean;
  readonly trailer: boolean;
}

/** The kind an `x-amz-content-sha256` announces; undefined for a body that is not `aws-chunked`. */
export function chunkedKind(payloadHash: string): ChunkedKind | undefined {
  switch (payloadHash) {
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
      return { signed: true, trailer: false };
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      return { signed: true, trailer: true };
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return { signed: false, trailer: true };
    default:
      return undefined;
  }
}

/**
 * Decodes an `aws-chunked` body, verifies the signature of each chunk, and hands over the trailing headers.
 *
 * @throws `IncompleteBody`, `SignatureDoesNotMatch`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export async function* decodeChunks(
  body: AsyncIterable<Buffer>,
  kind: ChunkedKind,
  authentication: Authentication,
  onTrailers: (trailers: ReadonlyMap<string, string>) => void,
): AsyncGenerator<Buffer, void> {
  const reader = new ByteReader(body);
  let signature = authentication.signature;
  const verify = (algorithm: string, hashes: readonly string[], given: string | undefined): void => {
    const text = [algorithm, authentication.timestamp, authentication.scope, signature, ...hashes].join('\n');
    signature = sign(authentication.signingKey, text);
    if (signature !== given) throw signatureDoesNotMatch({ StringToSign: text });
  };

  while (true) {
    const header = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=(\w+))?$/.exec((await reader.line()) ?? '');
    if (header === null) throw incompleteBody();
    const length = Number.parseInt(header[1] ?? '', 16);
    const hash = kind.signed ? createHash('sha256') : undefined;
    for await (const piece of reader.take(length)) {
      hash?.update(piece);
      yield piece;
    }
    if (hash !== undefined) verify('AWS4-HMAC-SHA256-PAYLOAD', [sha256(''), hash.digest('hex')], header[2]);
    if (length === 0) break;
    if ((await reader.line()) !== '') throw incompleteBody();
  }

  const trailers = new Map<string, string>();
  for (let line = await reader.line(); line !== undefined; line = await reader.line()) {
    const colon = line.indexOf(':');
    if (colon > 0) trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  if (kind.signed && kind.trailer) {
    const given = trailers.get('x-amz-trailer-signature');
    trailers.delete('x-amz-trailer-signature');
    const canonical = [...trailers].map(([name, value]) => `${name}:${value}\n`).join('');
    verify('AWS4-HMAC-SHA256-TRAILER', [sha256(canonical)], given);
  }
  onTrailers(trailers);
}
