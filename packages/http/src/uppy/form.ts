import { storeWhole } from '@fieldfile/core/resumable';
import { type Limits, limitsOf } from '../receive/limits.ts';
import { boundaryOf, partsOf } from '../receive/multipart.ts';
import { refusedRequest } from '../receive/refused-request.ts';
import { RequestBody } from '../receive/request-body.ts';
import { textOf } from '../receive/text-of.ts';
import type { Asked } from './asked.ts';

/** What a form has beside the file. */
const ENVELOPE_BYTES = 64 * 1024;

/** `POST s3/form`: the file itself, as the last part of a form whose `key` is the token. */
export async function storeForm({ request, settings, user }: Asked): Promise<Response> {
  const { field, maxFileBytes, idleSeconds } = settings;
  const limits = limitsOf({ idleSeconds, maxBytes: maxFileBytes + ENVELOPE_BYTES, maxParts: 50 });
  const boundary = boundaryOf(request.headers.get('content-type'));
  if (boundary === undefined) throw refusedRequest('malformed-request', 'The file comes in a form.');
  const { token, bytes } = await fileIn(request, boundary, limits);
  const most = Number.isFinite(maxFileBytes) ? { maxBytes: maxFileBytes } : {};
  await storeWhole(field, token, bytes, { ...most, for: user, signal: request.signal });
  return new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } });
}

/** The token, and the bytes behind it, which end where the form does. */
async function fileIn(
  request: Request,
  boundary: string,
  limits: Limits,
): Promise<{ readonly token: string; readonly bytes: AsyncGenerator<Uint8Array> }> {
  const parts = partsOf(new RequestBody(request, limits), boundary, limits);
  let token: string | undefined;
  try {
    for (let { value: part } = await parts.next(); part; { value: part } = await parts.next()) {
      const { name, filename, contentType } = part.header;
      if (filename !== undefined) {
        if (token === undefined) break;
        return { token, bytes: lastPart(part.bytes, parts) };
      }
      const text = await textOf(part.bytes, contentType, limits.maxTextBytes);
      if (name === 'key') token = text;
    }
    throw refusedRequest('malformed-request', 'The form has no file behind the key it was given.');
  } catch (error) {
    await parts.return();
    throw error;
  }
}

/** A form that breaks off behind the file has not come whole. */
async function* lastPart(
  bytes: AsyncIterable<Uint8Array>,
  parts: AsyncGenerator<unknown, void, undefined>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
    if (!(await parts.next()).done)
      throw refusedRequest('malformed-request', 'The file is the last part of the form.');
  } finally {
    await parts.return();
  }
}
