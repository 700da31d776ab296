import type { UploadInPieces } from '@fieldfile/core/resumable';
import { limitsOf } from '../receive/limits.ts';
import { RequestBody } from '../receive/request-body.ts';
import { append } from '../resumable/append.ts';
import type { Progress } from '../resumable/progress.ts';
import { checksumIn } from './checksum.ts';
import { knownUpload, progressHeaders } from './known-upload.ts';
import { bytesIn } from './numbers.ts';
import type { TusSettings } from './options.ts';
import { PIECE_TYPE } from './protocol.ts';
import { malformed, TusRefusal } from './tus-refusal.ts';

/** PATCH: keeps the bytes of the request. */
export async function appendToUpload(
  request: Request,
  settings: TusSettings,
  token: string,
  user: string,
): Promise<Response> {
  const { headers } = request;
  requirePieceType(headers);
  const offset = bytesIn(headers, 'Upload-Offset');
  if (offset === undefined) throw malformed('Upload-Offset says where the bytes belong');
  const sizeBytes = bytesIn(headers, 'Upload-Length');
  if (sizeBytes !== undefined) requireFits(settings, sizeBytes);
  const upload = knownUpload(settings, token, user);
  const progress = await appended(request, settings, upload, { offset, sizeBytes });
  return new Response(null, { status: 204, headers: progressHeaders(upload, progress) });
}

/** @throws 415. */
export function requirePieceType(headers: Headers): void {
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== PIECE_TYPE)
    throw new TusRefusal(415, 'not-accepted', `The type of the bytes of an upload is ${PIECE_TYPE}`);
}

/** @throws 413. */
export function requireFits({ maxFileBytes }: TusSettings, sizeBytes: number): void {
  if (sizeBytes > maxFileBytes) throw new TusRefusal(413, 'too-large', 'The file is too large');
}

/** Keeps the body of a request, as far as it comes and is within the limits. */
export function appended(
  request: Request,
  { maxFileBytes, idleSeconds }: TusSettings,
  upload: UploadInPieces,
  { offset, sizeBytes }: { readonly offset: number; readonly sizeBytes?: number | undefined },
): Promise<Progress> {
  const verdict = checksumIn(request.headers);
  const limits = limitsOf({ idleSeconds });
  const body = (leftBytes: number): RequestBody =>
    new RequestBody(request, {
      ...limits,
      maxBytes: Math.min(leftBytes, Math.max(0, maxFileBytes - offset)),
    });
  return append(upload, { offset, body, sizeBytes, verdict, check: refuseMade });
}

/** @throws 403. */
function refuseMade({ details }: Progress): void {
  if (details.concat?.startsWith('final'))
    throw new TusRefusal(403, 'permission', 'What is made of pieces takes no bytes');
}
