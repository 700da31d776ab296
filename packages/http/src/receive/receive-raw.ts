import { announcedDigests } from '../routes/checked-body.ts';
import { parametersOf } from './header-parameters.ts';
import type { Receiving, Values } from './receiving.ts';
import { refusedRequest } from './refused-request.ts';
import { announcedLength, RequestBody } from './request-body.ts';

/** Stores a body that is the file itself. */
export async function receiveRaw(receiving: Receiving, name: string): Promise<Values> {
  const { request, limits, fields, onProgress } = receiving;
  const { headers } = request;
  const field = fields.get(name)?.file;
  if (!field) return new Map();
  const sizeBytes = announcedLength(headers, limits.maxBytes);
  if (sizeBytes !== undefined && sizeBytes > limits.maxFileBytes)
    throw refusedRequest('too-large', `The file has more than ${limits.maxFileBytes} bytes.`);
  const body = new RequestBody(request, limits, onProgress);
  try {
    const file = await receiving.store(field, body, {
      name: fileName(request),
      contentType: headers.get('content-type') ?? undefined,
      digests: announcedDigests(headers),
      ...(sizeBytes === undefined ? {} : { sizeBytes }),
    });
    return new Map([[name, [file]]]);
  } finally {
    await body.cancel();
  }
}

/** As `Content-Disposition` says, else the last part of the path. */
function fileName({ headers, url }: Request): string {
  const disposition = headers.get('content-disposition');
  const given = disposition === null ? undefined : parametersOf(disposition).parameters.get('filename');
  if (given !== undefined) return given;
  const path = new URL(url).pathname;
  try {
    return decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
  } catch {
    throw refusedRequest('malformed-request', 'The path of the request cannot be read.');
  }
}
