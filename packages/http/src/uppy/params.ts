import { claimWhole } from '@fieldfile/core/resumable';
import { jsonAnswer } from '../routes/json-answer.ts';
import type { Asked } from './asked.ts';
import { fileTold } from './file-told.ts';
import { formUrl } from './form-url.ts';

/** `GET s3/params`: a place for a file that comes in one form. */
export async function formParameters(asked: Asked): Promise<Response> {
  const { settings, user, url, request } = asked;
  const { field, keepSeconds } = settings;
  const [filename, type, sizeBytes] = ['filename', 'type', 'metadata[sizeBytes]'].map(
    name => url.searchParams.get(name) ?? undefined,
  );
  const { sizeBytes: _, ...file } = fileTold(settings, filename, type, sizeBytes);
  const { token } = await claimWhole(field, { ...file, for: user, keepSeconds, signal: request.signal });
  return jsonAnswer({ method: 'POST', url: formUrl(asked), fields: { key: token }, expires: keepSeconds });
}
