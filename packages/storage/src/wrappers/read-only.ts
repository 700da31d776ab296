import { FieldFileError } from '../errors/field-file-error.ts';
import type { Backend } from '../storage/backend.ts';
import { type Wrapped, wrapBackend } from './wrap-backend.ts';

/**
 * A backend that can be read only: whatever would change something is refused as `permission`, before a byte of the
 * content is read.
 *
 * @example
 * ```ts
 * import { readOnly, Storage } from '@fieldfile/storage';
 * import { MemoryStorage } from '@fieldfile/memory';
 *
 * const archive = new Storage(readOnly(new MemoryStorage().backend));
 * await archive.exists('2020/report.pdf');
 * ```
 */
export function readOnly<B extends Backend>(backend: B): Wrapped<B, 'signUpload' | 'parts'> {
  const refused = (operation: string) => (): Promise<never> =>
    Promise.reject(
      new FieldFileError('permission', `Storage "${backend.id}" is read-only: ${operation} is refused.`, {
        operation,
        storage: backend.id,
      }),
    );
  // Each by its name, not `...inner`: what is new might change something.
  return wrapBackend(backend, inner => ({
    id: inner.id,
    formerIds: inner.formerIds,
    place: inner.place,
    limits: inner.limits,
    listOrder: inner.listOrder,
    keepsContentEncoding: inner.keepsContentEncoding,
    keepsVisibility: inner.keepsVisibility,
    cannot: inner.cannot,
    urls: inner.urls,
    locate: inner.locate,
    read: inner.read,
    info: inner.info,
    list: inner.list,
    findWrite: inner.findWrite,
    publicUrl: inner.publicUrl,
    signUrl: inner.signUrl,
    localPath: inner.localPath,
    close: inner.close,
    create: refused('create'),
    replace: refused('replace'),
    undo: refused('undo'),
    settle: refused('settle'),
    remove: refused('remove'),
    removeMany: refused('removeMany'),
    copy: refused('copy'),
    placeUpload: refused('placeUpload'),
    signUpload: undefined,
    parts: undefined,
  }));
}
