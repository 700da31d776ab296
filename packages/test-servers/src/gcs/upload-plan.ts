import type { IncomingHttpHeaders } from 'node:http';
import { attributesOfHeaders, patchAttributes } from './attributes.ts';
import { type Body, BodyWriter, type ExpectedBytes } from './body.ts';
import type { Bucket } from './bucket.ts';
import type { Exchange } from './exchange.ts';
import { type GcsError, invalid, notImplemented } from './gcs-error.ts';
import { checkObjectName } from './object-name.ts';
import {
  checkBeforeWrite,
  type Preconditions,
  preconditionsOfHeaders,
  preconditionsOfQuery,
} from './preconditions.ts';
import type { ObjectAttributes, StoredObject } from './stored-object.ts';

/** Everything an upload says about its object before the bytes come. */
export interface UploadPlan {
  readonly bucket: Bucket;
  readonly name: string;
  readonly attributes: ObjectAttributes;
  readonly isPublic: boolean;
  readonly preconditions: Preconditions;
  readonly expected: ExpectedBytes;
  readonly length: LengthLimits;
}

/** How many bytes an upload may have; both ends are inclusive. */
export interface LengthLimits {
  readonly minimum: number;
  readonly maximum: number;
}

const ANY_LENGTH: LengthLimits = { minimum: 0, maximum: 5 * 1024 ** 4 };

/** The plan of a JSON API upload with this object resource. */
export function planOfJson(
  exchange: Exchange,
  bucket: Bucket,
  resource: Record<string, unknown>,
): UploadPlan {
  refuseCustomerKeys(exchange.request.headers);
  const { query } = exchange;
  const text = (field: string) => {
    const value = resource[field];
    return typeof value === 'string' ? value : undefined;
  };
  const contentEncoding = query.get('contentEncoding');
  const kmsKeyName = query.get('kmsKeyName');
  return {
    bucket,
    name: checkObjectName(query.get('name') ?? text('name')),
    attributes: patchAttributes(kmsKeyName === null ? {} : { kmsKeyName }, {
      ...resource,
      ...(contentEncoding === null ? {} : { contentEncoding }),
    }),
    isPublic: query.get('predefinedAcl') === 'publicRead',
    preconditions: preconditionsOfQuery(query),
    expected: {
      crc32c: text('crc32c'),
      md5: text('md5Hash'),
      ...expectedOfHeaders(exchange.request.headers),
    },
    length: ANY_LENGTH,
  };
}

/** The plan of an XML API upload, which says everything in headers. */
export function planOfHeaders(headers: IncomingHttpHeaders, bucket: Bucket, name: string): UploadPlan {
  refuseCustomerKeys(headers);
  return {
    bucket,
    name: checkObjectName(name),
    attributes: attributesOfHeaders(headers),
    isPublic: headers['x-goog-acl'] === 'public-read',
    preconditions: preconditionsOfHeaders(headers),
    expected: expectedOfHeaders(headers),
    length: lengthLimits(headers['x-goog-content-length-range']),
  };
}

/** The digests in `x-goog-hash`, `Content-MD5` and `x-goog-content-sha256`. */
export function expectedOfHeaders(headers: IncomingHttpHeaders): ExpectedBytes {
  const hashes = new Map(
    [headers['x-goog-hash'] ?? []]
      .flat()
      .flatMap(value => value.split(','))
      .map(hash => {
        const equals = hash.indexOf('=');
        return [hash.slice(0, equals).trim(), hash.slice(equals + 1).trim()];
      }),
  );
  const sha256 = headers['x-goog-content-sha256'];
  const md5 = hashes.get('md5') ?? headers['content-md5'];
  const crc32c = hashes.get('crc32c');
  return {
    ...(crc32c === undefined ? {} : { crc32c }),
    ...(typeof md5 === 'string' ? { md5 } : {}),
    ...(typeof sha256 === 'string' && sha256 !== 'UNSIGNED-PAYLOAD' ? { sha256 } : {}),
  };
}

/** Receives the bytes in one go: conditions are checked before the first and, with the object made in the same step, after the last. */
export async function receiveObject(
  plan: UploadPlan,
  chunks: AsyncIterable<Buffer>,
  folder: string,
): Promise<StoredObject> {
  checkBeforeWrite(plan.bucket.find(plan.name), plan.preconditions);
  await using writer = new BodyWriter(folder, { sha256: plan.expected.sha256 !== undefined });
  for await (const chunk of chunks) {
    await writer.write(chunk);
    refuseLonger(writer.size, plan.length);
  }
  return await completeObject(plan, writer, plan.expected);
}

/** Makes the object of the bytes a writer holds, or throws and leaves nothing. */
export async function completeObject(
  plan: UploadPlan,
  writer: BodyWriter,
  expected: ExpectedBytes,
): Promise<StoredObject> {
  refuseLonger(writer.size, plan.length);
  if (writer.size < plan.length.minimum) throw wrongLength('EntityTooSmall', writer.size, plan.length);
  const body = await writer.finish(expected);
  return putOrRelease(plan, body);
}

function putOrRelease(plan: UploadPlan, body: Body): StoredObject {
  try {
    const { bucket, name, attributes, isPublic, preconditions } = plan;
    return bucket.put({ name, body, attributes, isPublic }, preconditions);
  } catch (cause) {
    body.release();
    throw cause;
  }
}

function lengthLimits(header: string | string[] | undefined): LengthLimits {
  if (header === undefined) return ANY_LENGTH;
  const [, minimum, maximum] = String(header).match(/^(\d+),(\d+)$/) ?? [];
  if (minimum === undefined) throw invalid(`Invalid x-goog-content-length-range: '${header}'.`);
  return { minimum: Number(minimum), maximum: Number(maximum) };
}

function refuseLonger(size: number, limits: LengthLimits): void {
  if (size > limits.maximum) throw wrongLength('EntityTooLarge', size, limits);
}

function wrongLength(code: string, size: number, { minimum, maximum }: LengthLimits): GcsError {
  return invalid(`Content length ${size} is not in the range ${minimum} to ${maximum}.`, code);
}

function refuseCustomerKeys(headers: IncomingHttpHeaders): void {
  if (headers['x-goog-encryption-key'] !== undefined)
    throw notImplemented('Encryption with a customer-supplied key');
}
