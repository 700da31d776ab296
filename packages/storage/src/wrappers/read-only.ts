import { FieldFileError } from '../errors/field-file-error.ts';
import type { Backend } from '../storage/backend.ts';
import type { HasLocalPath, PublishesUrls, SignsUrls } from '../storage/capabilities.ts';
import { optionalMethods } from './optional-methods.ts';

/** What of `B` a read-only backend still does: it signs no uploads. */
export type ReadOnly<B extends Backend> = Backend &
  Pick<B, Extract<keyof B, keyof (PublishesUrls & SignsUrls & HasLocalPath)>>;

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
export function readOnly<B extends Backend>(backend: B): ReadOnly<B> {
  const refused = (operation: string) => (): Promise<never> =>
    Promise.reject(
      new FieldFileError('permission', `Storage "${backend.id}" is read-only: ${operation} is refused.`, {
        operation,
        storage: backend.id,
      }),
    );
  const wrapper: Backend = {
    id: backend.id,
    formerIds: backend.formerIds ?? [],
    ...(backend.place ? { place: backend.place } : {}),
    limits: backend.limits,
    listOrder: backend.listOrder,
    keepsContentEncoding: backend.keepsContentEncoding ?? false,
    keepsVisibility: backend.keepsVisibility ?? false,
    cannot: backend.cannot ?? [],
    urls: backend.urls,
    read: (name, options) => backend.read(name, options),
    info: (name, options) => backend.info(name, options),
    list: options => backend.list(options),
    create: refused('create'),
    replace: refused('replace'),
    undo: refused('undo'),
    remove: refused('remove'),
    ...optionalMethods(backend, whole => ({
      locate: () => whole.locate(),
      findWrite: (name, writeId, options) => whole.findWrite(name, writeId, options),
      publicUrl: name => whole.publicUrl(name),
      signUrl: (name, options) => whole.signUrl(name, options),
      localPath: name => whole.localPath(name),
      close: () => whole.close(),
      settle: refused('settle'),
      removeMany: refused('removeMany'),
      copy: refused('copy'),
      placeUpload: refused('placeUpload'),
    })),
  };
  return wrapper as ReadOnly<B>;
}
