import type { AnyFileField } from '@fieldfile/core';
import {
  type ClientPart,
  claimParts,
  completeParts,
  endParts,
  listedParts,
  partRequests,
  signsParts,
} from '@fieldfile/core/resumable';
import { FieldFileError } from '@fieldfile/storage';
import { jsonOf } from '../receive/json-of.ts';
import { type Limits, limitsOf } from '../receive/limits.ts';
import { refusedRequest } from '../receive/refused-request.ts';
import { jsonAnswer } from '../routes/json-answer.ts';
import type { Asked } from './asked.ts';
import { fileTold } from './file-told.ts';
import { formUrl } from './form-url.ts';
import type { UppySettings } from './options.ts';

/** Of a request that names 10,000 parts. */
const MOST_JSON_BYTES = 4 * 1024 ** 2;

const MOST_OF_BATCH = 1000;

/** `POST s3/multipart`: holds a name for a file that comes in parts. */
export async function beginUpload({ request, settings, user }: Asked): Promise<Response> {
  const { field, keepSeconds, maxFileBytes, chunkBytes } = settings;
  const { filename, type, metadata } = await jsonOf(request, questionOf(settings));
  const told = fileTold(settings, filename, type, isRecord(metadata) ? metadata.sizeBytes : undefined);
  const { sizeBytes, ...file } = told;
  if (!signsParts(field)) throw signsNone(field);
  const { token } = await claimParts(field, {
    ...file,
    ...{ for: user, expiresInSeconds: 1, keepSeconds: Math.max(1, keepSeconds), signal: request.signal },
    ...(sizeBytes === undefined ? {} : { sizeBytes, partBytes: chunkBytes(sizeBytes) }),
    ...(sizeBytes === undefined && Number.isFinite(maxFileBytes) ? { maxBytes: maxFileBytes } : {}),
  });
  return jsonAnswer({ key: file.filename, uploadId: token });
}

const signsNone = ({ label, storage }: AnyFileField): FieldFileError =>
  new FieldFileError(
    'unsupported',
    `The storage "${storage.id}" of ${label} signs no parts that Uppy could send: give AwsS3 shouldUseMultipart: false, or use @uppy/tus and tus of @fieldfile/http/tus (uppy).`,
    { operation: 'upload', field: label, storage: storage.id },
  );

/** `GET s3/multipart/:id`: what is stored of it. */
export async function listUpload({ request, settings, user }: Asked, token: string): Promise<Response> {
  const stored = await listedParts(settings.field, token, { for: user, signal: request.signal });
  return jsonAnswer(
    stored.map(({ number, sizeBytes, receipt }) => ({ PartNumber: number, Size: sizeBytes, ETag: receipt })),
  );
}

/** `GET s3/multipart/:id/:partNumber`: the request that sends one part. */
export async function signOne(asked: Asked, token: string, number: string): Promise<Response> {
  const [url] = await urlsOf(asked, token, [Number(number)]);
  return jsonAnswer({ url, expires: asked.settings.urlSeconds });
}

/** `GET s3/multipart/:id/batch?partNumbers=1,2`: those of several parts. */
export async function signBatch(asked: Asked, token: string): Promise<Response> {
  const text = asked.url.searchParams.get('partNumbers') ?? '';
  const numbers = text.split(',').map(Number);
  if (!/^\d{1,5}(?:,\d{1,5})*$/.test(text) || numbers.length > MOST_OF_BATCH)
    throw refusedRequest('malformed-request', `partNumbers are up to ${MOST_OF_BATCH} numbers of parts.`);
  const urls = await urlsOf(asked, token, numbers);
  const presignedUrls = Object.fromEntries(numbers.map((number, index) => [number, urls[index]]));
  return jsonAnswer({ presignedUrls, expires: asked.settings.urlSeconds });
}

/** `POST s3/multipart/:id/complete`: makes the object. Its `key` is the token to redeem. */
export async function completeUpload(asked: Asked, token: string): Promise<Response> {
  const { request, settings, user } = asked;
  const { parts } = await jsonOf(request, questionOf(settings));
  const completed = await completeParts(settings.field, token, {
    ...{ for: user, parts: partsTold(parts), signal: request.signal },
  });
  const { token: key } = completed;
  return jsonAnswer({ location: `${formUrl(asked)}/${key}`, key });
}

/** `DELETE s3/multipart/:id`: nothing of it stays. */
export async function abortUpload({ settings, user }: Asked, token: string): Promise<Response> {
  if (await endParts(settings.field, token, { for: user })) return jsonAnswer({});
  throw new FieldFileError('intent-lost', 'The upload has ended before.', { operation: 'upload' });
}

async function urlsOf(
  { request, settings, user }: Asked,
  token: string,
  numbers: readonly number[],
): Promise<readonly string[]> {
  const { field, urlSeconds } = settings;
  const requests = await partRequests(field, token, {
    ...{ for: user, numbers, expiresInSeconds: urlSeconds, signal: request.signal },
  });
  return requests.map(({ request: { url, headers } }) => {
    if (Object.keys(headers).length === 0) return url;
    throw new FieldFileError(
      'unsupported',
      `The parts of ${field.label} need headers, which Uppy does not send (uppy).`,
      { operation: 'upload', field: field.label },
    );
  });
}

/** Uppy leaves out the quotes of an ETag, which belong to it. */
function partsTold(parts: unknown): readonly ClientPart[] {
  if (!Array.isArray(parts)) throw noParts();
  return parts.map(part => {
    const { PartNumber: number, ETag: tag } = isRecord(part) ? part : {};
    if (typeof number !== 'number' || typeof tag !== 'string') throw noParts();
    return { number, receipt: `"${tag.replace(/^"|"$/g, '')}"` };
  });
}

const noParts = (): FieldFileError =>
  refusedRequest('malformed-request', 'parts is a list of a PartNumber and an ETag each.');

const questionOf = ({ idleSeconds }: UppySettings): Limits =>
  limitsOf({ idleSeconds, maxBytes: MOST_JSON_BYTES });

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
