import type { ListedFile } from './listed-file.ts';
import type { FileUploadTexts } from './texts.ts';

/** Why a form is not sent, and what is said of it. Both are empty where it is. */
export interface Validity {
  readonly flags: ValidityStateFlags;
  readonly message: string;
}

/** @param message what the application has set by `setCustomValidity`. */
export function validityOf(
  files: readonly Pick<ListedFile, 'state'>[],
  { required, message }: { readonly required: boolean; readonly message: string },
  { missing, unfinished, failed }: FileUploadTexts,
): Validity {
  const states = files.map(({ state }) => state);
  const custom = (text: string): Validity => ({ flags: { customError: true }, message: text });
  if (message !== '') return custom(message);
  if (states.includes('failed')) return custom(failed);
  if (states.some(state => state !== 'done')) return custom(unfinished);
  if (required && states.length === 0) return { flags: { valueMissing: true }, message: missing };
  return { flags: {}, message: '' };
}
