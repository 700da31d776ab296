import { createHash } from 'node:crypto';
import type { Authentication } from './authenticate.ts';
import { collect, incompleteBody } from './byte-reader.ts';
import {
  algorithmOfHeader,
  type ChecksumAlgorithm,
  checkChecksumForm,
  checksumHeader,
  givenChecksum,
  readAlgorithm,
  runningChecksum,
} from './checksums.ts';
import { chunkedKind, decodeChunks } from './chunked-body.ts';
import { type FileStore, readFiles, type StoredFile } from './file-store.ts';
import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import type { S3Call } from './service.ts';

const MAXIMUM_DOCUMENT_BYTES = 8 * 1024 * 1024;

/** Verified content of a request, on disk. */
export interface Received {
  readonly file: StoredFile;
  readonly md5: Buffer;
  /** Raw bytes of the checksum that was asked for. */
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: Buffer } | undefined;
}

/**
 * Stores the body of a request and verifies everything the request says of it: length, SHA-256, MD5, checksum in
 * a header or trailer, signed chunks.
 *
 * @param algorithm of the checksum that the request has to give
 * @throws what S3 answers when one of them differs; nothing is kept then.
 */
export async function receive(
  request: S3Request,
  authentication: Authentication,
  store: FileStore,
  maximumBytes: number,
  algorithm?: ChecksumAlgorithm,
): Promise<Received> {
  const expected = readExpectations(request, authentication, maximumBytes, algorithm);
  const kind = chunkedKind(authentication.payloadHash);
  if (kind === undefined) return receiveContent(request.body, expected, store);
  let trailers: ReadonlyMap<string, string> = new Map();
  const content = decodeChunks(request.body, kind, authentication, found => {
    trailers = found;
  });
  return receiveContent(content, expected, store, () => trailers);
}

/** The verified body of a request that is a document, not an object. */
export async function receiveText({ request, authentication, service }: S3Call): Promise<string> {
  const { file } = await receive(request, authentication, service.files, MAXIMUM_DOCUMENT_BYTES);
  try {
    return (await collect(readFiles([file], 0, file.size - 1))).toString('utf8');
  } finally {
    file.release();
  }
}

/**
 * Stores content and verifies what is expected of it; nothing is kept when one thing differs.
 *
 * @param trailers asked once the content has ended
 */
export async function receiveContent(
  content: AsyncIterable<Buffer>,
  expected: Expectations,
  store: FileStore,
  trailers: () => ReadonlyMap<string, string> = () => new Map(),
): Promise<Received> {
  const md5 = createHash('md5');
  const sha256 = expected.sha256 === undefined ? undefined : createHash('sha256');
  const checksum = expected.checksum && runningChecksum(expected.checksum.algorithm);
  const file = await store.write(
    (async function* () {
      for await (const chunk of content) {
        md5.update(chunk);
        sha256?.update(chunk);
        checksum?.update(chunk);
        yield chunk;
      }
    })(),
  );
  try {
    if (expected.length !== undefined && file.size !== expected.length) throw incompleteBody();
    if (sha256 !== undefined && sha256.digest('hex') !== expected.sha256)
      throw new S3Error(
        'XAmzContentSHA256Mismatch',
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      );
    const digest = md5.digest();
    if (expected.md5 !== undefined && !expected.md5.equals(digest))
      throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.', {
        ExpectedDigest: expected.md5.toString('base64'),
        CalculatedDigest: digest.toString('base64'),
      });
    const value = checksum?.digest();
    if (expected.checksum === undefined || value === undefined)
      return { file, md5: digest, checksum: undefined };
    checkGivenChecksum(expected.checksum, value, trailers());
    return { file, md5: digest, checksum: { algorithm: expected.checksum.algorithm, value } };
  } catch (error) {
    file.release();
    throw error;
  }
}

function checkGivenChecksum(
  expected: ExpectedChecksum,
  computed: Buffer,
  trailers: ReadonlyMap<string, string>,
): void {
  const { algorithm, trailer } = expected;
  const given = trailer === undefined ? expected.value : (trailers.get(trailer) ?? '');
  if (given === undefined) return;
  checkChecksumForm(algorithm, given);
  if (given !== computed.toString('base64'))
    throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
}

/** What a request says of its content; undefined where it says nothing. */
export interface Expectations {
  /** In bytes. */
  readonly length: number | undefined;
  /** In hexadecimal. */
  readonly sha256: string | undefined;
  readonly md5: Buffer | undefined;
  readonly checksum: ExpectedChecksum | undefined;
}

interface ExpectedChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64, where a header gives it. */
  readonly value: string | undefined;
  /** Name of the trailing header that gives it. */
  readonly trailer: string | undefined;
}

function readExpectations(
  request: S3Request,
  authentication: Authentication,
  maximumBytes: number,
  algorithm: ChecksumAlgorithm | undefined,
): Expectations {
  const { headers } = request;
  const chunked = chunkedKind(authentication.payloadHash);
  const { payloadHash } = authentication;
  if (chunked === undefined && payloadHash !== 'UNSIGNED-PAYLOAD' && !/^[0-9a-f]{64}$/.test(payloadHash))
    throw new S3Error(
      'InvalidArgument',
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.',
      { ArgumentName: 'x-amz-content-sha256', ArgumentValue: payloadHash },
    );
  if (chunked === undefined && headers.has('transfer-encoding'))
    throw new S3Error(
      'NotImplemented',
      'A header you provided implies functionality that is not implemented',
      { Header: 'Transfer-Encoding' },
    );
  const length = headers.get(chunked === undefined ? 'content-length' : 'x-amz-decoded-content-length');
  if (length === undefined || !/^\d+$/.test(length))
    throw new S3Error('MissingContentLength', 'You must provide the Content-Length HTTP header.');
  if (Number(length) > maximumBytes)
    throw new S3Error('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
      ProposedSize: length,
      MaxSizeAllowed: String(maximumBytes),
    });
  return {
    length: Number(length),
    sha256: chunked === undefined && payloadHash !== 'UNSIGNED-PAYLOAD' ? payloadHash : undefined,
    md5: expectedMd5(headers),
    checksum: expectedChecksum(headers, chunked?.trailer === true, algorithm),
  };
}

/** @throws `InvalidDigest` */
export function expectedMd5(headers: ReadonlyMap<string, string>): Buffer | undefined {
  const header = headers.get('content-md5');
  if (header === undefined) return undefined;
  const md5 = Buffer.from(header, 'base64');
  if (md5.length !== 16) throw new S3Error('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  return md5;
}

/**
 * @param wanted what the request has to have: an upload that was created with an algorithm takes no part without it.
 * @throws `InvalidRequest` for checksums that contradict each other or are none, and for another than is wanted.
 */
export function expectedChecksum(
  headers: ReadonlyMap<string, string>,
  mayTrail: boolean,
  wanted?: ChecksumAlgorithm,
): ExpectedChecksum | undefined {
  const given = givenChecksum(headers);
  const trailer = headers.get('x-amz-trailer')?.toLowerCase();
  const trailing = trailer === undefined ? undefined : algorithmOfHeader(trailer);
  if (trailer !== undefined && (trailing === undefined || !mayTrail))
    throw new S3Error('InvalidRequest', 'The value specified in the x-amz-trailer header is not supported');
  if (given !== undefined && trailing !== undefined)
    throw new S3Error(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  const named = headers.get('x-amz-sdk-checksum-algorithm');
  const algorithm = given?.algorithm ?? trailing;
  if (named !== undefined && algorithm !== readAlgorithm(named))
    throw new S3Error(
      'InvalidRequest',
      algorithm === undefined
        ? 'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.'
        : 'Value for x-amz-sdk-checksum-algorithm header is invalid.',
    );
  if (wanted !== undefined && algorithm !== wanted)
    throw new S3Error(
      'InvalidRequest',
      `Checksum Type mismatch occurred, expected checksum Type: ${wanted.toLowerCase()}, actual checksum Type: ${algorithm?.toLowerCase() ?? 'null'}`,
    );
  if (algorithm === undefined) return undefined;
  return {
    algorithm,
    value: given?.value,
    trailer: trailing === undefined ? undefined : checksumHeader(trailing),
  };
}
