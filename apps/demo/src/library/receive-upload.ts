import { FieldFileError, type StagedFile } from '@fieldfile/core';
import { receive } from '@fieldfile/http/receive';
import { MAX_FILE_BYTES, type Shelf } from './shelves.ts';

/** What a form has brought. Disposing takes back the file, unless a row has it. */
export interface Upload extends AsyncDisposable {
  readonly title: string;
  readonly file: StagedFile;
}

/**
 * Stores the file of a form while it comes in. No row has it yet: what is not given to one is taken back when the result is
 * disposed of, and after a crash by `recover`.
 */
export async function receiveUpload(request: Request, shelf: Shelf): Promise<Upload> {
  const received = await receive(request, {
    fields: { title: 'text', file: shelf.table.fields.file },
    limits: { maxFiles: 1, maxFileBytes: MAX_FILE_BYTES },
  });
  const { file, title = file?.staged.originalName ?? '' } = received;
  const undo = (): PromiseLike<void> => received[Symbol.asyncDispose]();
  if (file) return { file, title: cleanTitle(title), [Symbol.asyncDispose]: undo };
  throw new FieldFileError('invalid-argument', 'The form has no file.', { operation: 'upload' });
}

/**
 * A title as it can be shown: any writing and any emoji, but nothing that turns the direction of what follows.
 *
 * @throws `invalid-argument` for one that is empty or endless.
 */
export function cleanTitle(text: string): string {
  const title = text.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '').trim();
  if (title !== '' && title.length <= 300) return title;
  throw new FieldFileError('invalid-argument', 'A file needs a name.', { operation: 'upload' });
}
