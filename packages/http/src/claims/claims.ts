import type { ClaimOptions } from '@fieldfile/core';
import {
  type ClientPart,
  completeParts,
  endParts,
  signParts,
  signsParts,
  storedParts,
} from '@fieldfile/core/resumable';
import { methodNotAllowed, problem } from '../errors/problem.ts';
import { jsonOf } from '../receive/json-of.ts';
import { limitsOf } from '../receive/limits.ts';
import { refusedRequest } from '../receive/refused-request.ts';
import { jsonAnswer } from '../routes/json-answer.ts';
import { ofKnownUpload } from '../routes/known-upload.ts';
import { isPreflight, preflight, withOrigin } from '../routes/origins.ts';
import { uploaderOf } from '../routes/uploader.ts';
import { type ClaimsOptions, type ClaimsSettings, claimsSettings } from './options.ts';

/**
 * A Web handler that gives browsers places to upload to, straight to the storage: what `claim` of `@fieldfile/browser` asks. It
 * denies by default. Small files go by one request; large ones in parts, several at once and again after an interruption, where
 * the storage signs parts. Any process of the application answers for any upload.
 *
 * `field.redeem` makes a file of the token once the upload is done.
 *
 * @throws `invalid-argument` for an option that is none.
 *
 * @example
 * ```ts
 * import { defineFiles, model } from '@fieldfile/core';
 * import { claims } from '@fieldfile/http/claims';
 *
 * interface FilmRow {
 *   id: number;
 *   file: string | null;
 * }
 * const films = defineFiles(model<FilmRow>()('film', 'id'), {
 *   file: { accept: ['video/*'], claims: { signingKey: 'a secret of at least 32 characters' } },
 * });
 * declare function userOf(request: Request): Promise<{ readonly id: string } | undefined>;
 *
 * export const handler = claims({
 *   field: films.file,
 *   authorize: async request => (await userOf(request)) !== undefined,
 *   user: async request => (await userOf(request))?.id ?? '',
 * });
 * ```
 */
export function claims(options: ClaimsOptions): (request: Request) => Promise<Response> {
  const settings = claimsSettings(options);
  const { origins } = settings;
  const { credentials = false, requestHeaders = [], onError } = options;
  const crossOrigin = { credentials, sent: ['content-type', ...requestHeaders], shown: ['retry-after'] };
  return async request => {
    if (isPreflight(request)) return preflight(request, origins, METHODS, crossOrigin);
    const response = await answered(request, settings).catch(error =>
      problem(error, { request, ...(onError ? { onError } : {}) }),
    );
    return withOrigin(request, origins, response, crossOrigin);
  };
}

const METHODS = ['POST'];

/** A question has names, a type and numbers. */
const LIMITS = limitsOf({ maxBytes: 64 * 1024 });

/** Parts that one request may have signed. */
const MOST_NUMBERS = 1000;

async function answered(request: Request, settings: ClaimsSettings): Promise<Response> {
  if (request.method !== 'POST') return methodNotAllowed(METHODS);
  try {
    const user = await uploaderOf(request, settings);
    if (user instanceof Response) return user;
    const asked = await jsonOf(request, LIMITS);
    const caller = { for: user, signal: request.signal };
    const { token } = asked;
    if (token === undefined) return jsonAnswer(await claimed(settings, asked, caller));
    return await ofKnownUpload(request, async () =>
      jsonAnswer(await ofParts(settings, String(token), asked, caller)),
    );
  } finally {
    // What was not asked for is not waited for.
    if (request.body && !request.body.locked) await request.body.cancel().catch(() => {});
  }
}

type Asked = Readonly<Record<string, unknown>>;
type Caller = Required<Pick<ClaimOptions, 'for' | 'signal'>>;

/** A claim for a file. What it is, `field.claim` checks. */
async function claimed(
  { field, partsAboveBytes, partBytes, expiresInSeconds, keepSeconds }: ClaimsSettings,
  { filename, sizeBytes, contentType, digest, partDigest }: Asked,
  caller: Caller,
): Promise<object> {
  const options = {
    ...{ filename, sizeBytes, expiresInSeconds, keepSeconds, ...caller },
    ...(contentType === undefined ? {} : { contentType }),
    ...(digest === undefined ? {} : { digest }),
    // Of what this version does not know it says nothing: then parts come without.
    ...(partDigest === 'crc32' ? { partDigest } : {}),
  } as ClaimOptions;
  if (!signsParts(field)) return field.claim(options);
  return field.claim({
    ...options,
    parts: Number(sizeBytes) > partsAboveBytes ? 'always' : 'if-needed',
    ...(partBytes === undefined ? {} : { partBytes }),
  });
}

/** What is asked of a claim in parts: to sign some, to make the file of them, to give it up, or what is stored. */
async function ofParts(
  { field, expiresInSeconds }: ClaimsSettings,
  token: string,
  { numbers, digests, parts, end }: Asked,
  caller: Caller,
): Promise<object> {
  if (end === true) return { ended: await endParts(field, token, caller) };
  if (parts !== undefined)
    return completeParts(field, token, { ...caller, parts: parts as readonly ClientPart[] });
  if (numbers === undefined) return { stored: await storedParts(field, token, caller) };
  if (!Array.isArray(numbers) || numbers.length > MOST_NUMBERS)
    throw refusedRequest('malformed-request', `The numbers are no list of up to ${MOST_NUMBERS}.`);
  return {
    parts: await signParts(field, token, {
      ...{ ...caller, numbers, expiresInSeconds },
      ...(digests === undefined ? {} : { digests: digests as Readonly<Record<number, string>> }),
    }),
  };
}
