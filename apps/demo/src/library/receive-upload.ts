import { FieldFileError, type StagedFile } from '@fieldfile/core';
import type { Shelf } from './shelves.ts';

/**
 * Stores the body of a request while it comes in. No row has the file yet: what is not given to one is taken back when
 * the result is disposed of, and after a crash by `recover`.
 */
export function receiveUpload(request: Request, shelf: Shelf, name: string): Promise<StagedFile> {
  if (!request.body)
    throw new FieldFileError('invalid-argument', 'The request has no body.', { operation: 'upload' });
  return shelf.table.fields.file.stage(request.body, {
    name,
    signal: request.signal,
    keepSeconds: 600,
    ...announced(request.headers),
  });
}

/** What the browser says of the file: an unknown type is told by the name. */
function announced(headers: Headers): { readonly sizeBytes?: number; readonly contentType?: string } {
  const length = headers.get('content-length');
  const type = headers.get('content-type');
  return {
    ...(length === null ? {} : { sizeBytes: Number(length) }),
    ...(type === null ? {} : { contentType: type }),
  };
}
