import type { AnyFileField, StagedFile, StagedReference } from '@fieldfile/core';
import { FieldFileError, isFieldFileError } from '@fieldfile/storage';
import { knownOptions } from '@fieldfile/storage/backend';
import type { Tokens } from '../tokens/tokens.ts';
import { keepFile, requireJournal } from './staged-files.ts';

export interface FormTokenOptions {
  readonly tokens: Tokens;
  /** Whose form it is: the token of one user is no other's. Default: nobody's in particular. */
  readonly user?: string;
}

/**
 * A text that stands for a received file in a form that is shown again, after something else in it was wrong: put it into a
 * hidden input of the file's name. The file waits for the rest of its time (`keepSeconds`); the next `receive` with the
 * same `tokens` and `user` gives it, unless another file was chosen. One row takes it, however often the text is sent.
 *
 * @throws `unsupported` where the field has no journal.
 *
 * @example
 * ```ts
 * import type { StagedFile } from '@fieldfile/core';
 * import type { Tokens } from '@fieldfile/http';
 * import { formToken } from '@fieldfile/http/receive';
 *
 * export const hiddenInput = (avatar: StagedFile, tokens: Tokens, user: string): string =>
 *   `<input type="hidden" name="avatar" value="${formToken(avatar, { tokens, user })}">`;
 * ```
 */
export function formToken(file: StagedFile, options: FormTokenOptions): string {
  knownOptions(options, ['tokens', 'user'], { what: 'formToken', operation: 'formToken' });
  const { tokens, user = '' } = options;
  requireJournal(file);
  const { storage, name, ...about } = file.staged;
  const leftSeconds = Math.floor((about.untilMs - Date.now()) / 1000);
  const token = tokens.sign({
    ...{ purpose: PURPOSE, method: METHOD, storage, name },
    expiresInSeconds: Math.max(1, leftSeconds),
    data: { reference: JSON.stringify(about), user },
  });
  keepFile(file);
  return token;
}

const PURPOSE = 'form-file';
const METHOD = 'POST';

/** @throws `permission` for what is no token of this field and user, or whose time is over. */
export function fileOfToken(
  token: string,
  field: AnyFileField,
  { tokens, user = '' }: Partial<FormTokenOptions>,
): StagedFile {
  if (!tokens) throw notTheirs('is not taken: receive has no tokens');
  const { storage } = field;
  const { name, data } = tokens.verify(token, {
    ...{ purpose: PURPOSE, method: METHOD },
    storages: [storage.id, ...storage.formerIds],
  });
  if (data.user !== user) throw notTheirs('is of another user');
  const about: { readonly untilMs: number } = JSON.parse(String(data.reference)); // signed here
  if (about.untilMs <= Date.now()) throw notTheirs('has expired'); // a token has whole seconds
  const file = restaged(field, { ...about, storage: storage.id, name });
  keepFile(file);
  return file;
}

/** What is signed is what was staged; of which field it is, the field itself tells. */
function restaged(field: AnyFileField, reference: object): StagedFile {
  try {
    return field.restage(reference as StagedReference);
  } catch (error) {
    throw isFieldFileError(error, 'invalid-argument') ? notTheirs('is of another field') : error;
  }
}

const notTheirs = (why: string): FieldFileError =>
  new FieldFileError('permission', `The token of a form's file ${why}.`, { operation: 'receive' });
