import { endUpload, type UploadInPieces } from '@fieldfile/core/resumable';
import { reported } from '@fieldfile/storage/internal';
import { append } from '../resumable/append.ts';
import { begin } from '../resumable/begin.ts';
import { NO_BODY } from '../resumable/incoming.ts';
import type { Progress } from '../resumable/progress.ts';
import { appended, requireFits, requirePieceType } from './append-to-upload.ts';
import { bytesOf, concatenationIn, piecesAt, sizeOf } from './concatenation.ts';
import { progressHeaders } from './known-upload.ts';
import { contentTypeIn, filenameOf, metadataIn } from './metadata.ts';
import { announcedSize } from './numbers.ts';
import type { TusSettings } from './options.ts';

/** What a file is called where the client does not say it. */
const NO_NAME = 'upload';

/** POST: begins an upload, and keeps what the request brings of it. */
export async function createUpload(request: Request, settings: TusSettings, user: string): Promise<Response> {
  const { headers } = request;
  const concatenation = concatenationIn(headers);
  const pieces =
    concatenation?.kind === 'whole' ? await piecesAt(settings, concatenation.addresses, user) : undefined;
  const sizeBytes = pieces ? sizeOf(pieces) : announcedSize(headers);
  if (sizeBytes !== null) requireFits(settings, sizeBytes);
  const metadata = metadataIn(headers);
  const hasBody = !pieces && headers.has('content-type') && headers.get('content-length') !== '0';
  if (hasBody) requirePieceType(headers);
  const type = contentTypeIn(metadata);
  const { upload, token, ...begun } = await begin(
    settings.field,
    {
      filename: filenameOf(metadata) ?? NO_NAME,
      for: user,
      keepSeconds: settings.keepSeconds,
      isPiece: concatenation?.kind === 'piece',
      signal: request.signal,
      ...(type === undefined ? {} : { contentType: type }),
      ...(sizeBytes === null ? {} : { sizeBytes }),
    },
    {
      sizeBytes,
      details: {
        metadata: headers.get('Upload-Metadata') ?? undefined,
        concat: headers.get('Upload-Concat')?.trim(),
      },
    },
  );
  const progress = await firstProgress(settings, upload, () => {
    if (pieces) return append(upload, { offset: 0, body: () => bytesOf(pieces) });
    if (hasBody) return appended(request, settings, upload, { offset: 0 });
    return sizeBytes === 0 ? append(upload, { offset: 0, body: () => NO_BODY }) : begun.progress;
  });
  const answer = progressHeaders(upload, progress);
  answer.set('location', `${settings.baseUrl}${token}`);
  answer.set('content-length', '0');
  return new Response(null, { status: 201, headers: answer });
}

/** A client that is told of no upload goes on with none. */
async function firstProgress(
  { field }: TusSettings,
  upload: UploadInPieces,
  first: () => Progress | Promise<Progress>,
): Promise<Progress> {
  try {
    return await first();
  } catch (error) {
    await reported(async () => void (await endUpload(field, upload)));
    throw error;
  }
}
