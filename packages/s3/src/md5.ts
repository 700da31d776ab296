import { createHash } from 'node:crypto';

/** A header that has, or asks for, a checksum of the newer kinds. */
const isOfChecksum = (name: string): boolean => /^x-amz-(?:checksum-|sdk-checksum-|trailer$)/i.test(name);

/** Puts the digest of a body into Content-MD5 instead of the newer headers: some services know one kind, and refuse the other. */
export function digestByMd5(request: {
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array;
}): void {
  for (const name of Object.keys(request.headers)) if (isOfChecksum(name)) delete request.headers[name];
  request.headers['content-md5'] = createHash('md5').update(request.body).digest('base64');
}
