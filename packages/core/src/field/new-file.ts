import type { Content, LocalFile } from '@fieldfile/storage';
import { detachedFile } from './detached-file.ts';
import type { NewFile, StoredFile } from './field-file.ts';
import { offeredContent } from './shown-content.ts';

/**
 * Names content, so that it can be assigned to any file attribute.
 *
 * @param name what the client or the program calls the file; of a path, the base name is used. `uploadTo` and the storage
 * make the object's name of it. Not needed if the content has a name.
 *
 * Of another row's file it takes what that shows now, so two rows can swap their files:
 * `const was = file(a.image.stored); a.image = b.image; b.image = was`.
 *
 * @throws `invalid-argument` for a file that waits for a stream to be stored.
 * @example
 * ```ts
 * import { type FieldFile, file } from '@fieldfile/core';
 *
 * export function greet(photo: { image: FieldFile }): void {
 *   photo.image = file('hello', 'greeting.txt');
 * }
 * ```
 */
export function file(content: File | LocalFile | StoredFile): NewFile;
export function file(
  content: Content | StoredFile,
  name: string,
  options?: { readonly contentType?: string },
): NewFile;
export function file(
  content: Content | StoredFile,
  name?: string,
  options: { readonly contentType?: string } = {},
): NewFile {
  const named = name === undefined ? options : { ...options, name };
  const label = `file(${JSON.stringify(name ?? '…')})`;
  return detachedFile({ kind: 'content', ...offeredContent(content, named, label) }, label);
}

/**
 * Adopts an object that is on the field's storage already. It has to be said, because a name out of a request could take,
 * and later delete, another row's file.
 *
 * @throws `not-found` when the row is stored and there is no such object.
 */
export function adopt(name: string): NewFile {
  return detachedFile({ kind: 'adopt', name }, `adopt(${JSON.stringify(name)})`);
}

/** Clears the field, also when the property's type does not allow null. */
export const noFile: NewFile = detachedFile({ kind: 'none' }, 'noFile', true);
