import { endUpload, openUpload, type UploadInPieces } from '@fieldfile/core/resumable';
import { isFieldFileError } from '@fieldfile/storage';
import { look } from '../resumable/append.ts';
import type { Progress } from '../resumable/progress.ts';
import type { TusSettings } from './options.ts';
import { gone, noUpload } from './tus-refusal.ts';

/** The upload of a token. @throws 404 where there is none for that user; 410 where its time is over. */
export function knownUpload({ field }: TusSettings, token: string, user: string): UploadInPieces {
  try {
    return openUpload(field, token, user);
  } catch (error) {
    if (isFieldFileError(error, 'permission')) throw noUpload();
    throw isFieldFileError(error, 'intent-lost') ? gone() : error;
  }
}

/** HEAD: how far it is. */
export async function shownUpload(settings: TusSettings, token: string, user: string): Promise<Response> {
  const upload = knownUpload(settings, token, user);
  const progress = await look(upload);
  const headers = progressHeaders(upload, progress);
  const { metadata, concat } = progress.details;
  if (metadata !== undefined) headers.set('Upload-Metadata', metadata);
  if (concat !== undefined) headers.set('Upload-Concat', concat);
  if (progress.sizeBytes === null) headers.set('Upload-Defer-Length', '1');
  else headers.set('Upload-Length', String(progress.sizeBytes));
  return new Response(null, { status: 200, headers });
}

/** DELETE: nothing of it stays. */
export async function endedUpload(settings: TusSettings, token: string, user: string): Promise<Response> {
  const upload = knownUpload(settings, token, user);
  await look(upload); // whoever is at work on it keeps what came, and stops
  if (!(await endUpload(settings.field, upload))) throw gone();
  return new Response(null, { status: 204 });
}

/** What every answer about an upload says. */
export function progressHeaders({ untilMs }: UploadInPieces, { offset }: Progress): Headers {
  return new Headers({
    'Upload-Offset': String(offset),
    'Upload-Expires': new Date(untilMs).toUTCString(),
    'cache-control': 'no-store',
  });
}
