import { bytesOf } from '../control/unchanged.ts';
import { base64 } from './base64.ts';

/** In base64. It is in memory as a whole. @throws {UploadError} `file-changed` */
export async function sha256(part: Blob): Promise<string> {
  return base64(await crypto.subtle.digest('SHA-256', await bytesOf(part)));
}
