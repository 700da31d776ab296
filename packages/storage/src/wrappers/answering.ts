import { mapErrors } from '../content/map-errors.ts';
import type { FailedCall } from '../errors/service-failure.ts';
import { throwIfAborted, untilAborted } from '../storage/abort.ts';
import type { Backend, CallOptions, ObjectInfo, ReadResult } from '../storage/backend.ts';
import { writesParts } from '../storage/capabilities.ts';
import { type PartsSubject, type Wrapped, wrapBackend, wrapParts } from './wrap-backend.ts';

/**
 * What every call of a backend owes its caller, for a backend that throws its service's errors and knows no signals: each
 * error is what `translate` makes of it, that of a stream or a listing, too, and an abort is answered at once. Writes are
 * waited for: they have to see the signal themselves, and take back what they began.
 */
export function answering<B extends Backend>(
  backend: B,
  translate: (error: unknown, call: FailedCall) => unknown,
): Wrapped<B> {
  const toldOf =
    (operation: string, name?: string) =>
    (error: unknown): unknown =>
      translate(error, { operation, storage: backend.id, name });
  const told = async <T>(operation: string, name: string | undefined, call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      throw toldOf(operation, name)(error);
    }
  };
  const soon = <T>(
    operation: string,
    name: string | undefined,
    { signal }: CallOptions = {},
    call: () => Promise<T>,
  ): Promise<T> =>
    told(operation, name, async () => {
      throwIfAborted(signal, operation);
      return untilAborted(call(), signal, operation);
    });

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
    publicUrl: inner.publicUrl,
    signUrl: (name, options) => told('signUrl', name, () => inner.signUrl(name, options)),
    signUpload: (name, options) => told('signUpload', name, () => inner.signUpload(name, options)),
    placeUpload: (name, target, options) =>
      told('placeUpload', name, () => inner.placeUpload(name, target, options)),
    localPath: inner.localPath,
    parts: writesParts(backend)
      ? wrapParts(backend.parts, (operation, about, proceed) =>
          told(operation, nameOf(about), () => proceed(about)),
        )
      : undefined,
    close: () => told('close', undefined, inner.close),
    locate: () => told('construct', undefined, inner.locate),
    create: (source, names, options) =>
      told('create', names.first, () => inner.create(source, names, options)),
    replace: (name, source, options) => told('replace', name, () => inner.replace(name, source, options)),
    copy: (from, names, options) => told('copy', from, () => inner.copy(from, names, options)),
    undo: (name, writeId, options) => soon('undo', name, options, () => inner.undo(name, writeId, options)),
    findWrite: (name, writeId, options) =>
      soon('findWrite', name, options, () => inner.findWrite(name, writeId, options)),
    settle: (name, writeId, options) =>
      soon('settle', name, options, () => inner.settle(name, writeId, options)),
    info: (name, options) => soon('info', name, options, () => inner.info(name, options)),
    remove: (name, options) => soon('remove', name, options, () => inner.remove(name, options)),
    removeMany: (names, options) =>
      soon('removeMany', undefined, options, () => inner.removeMany(names, options)),
    read: (name, options) =>
      soon('read', name, options, async () => {
        const opening = inner.read(name, options);
        // Aborted meanwhile, it is given to nobody.
        opening
          .then(late => (options?.signal?.aborted ? late[Symbol.asyncDispose]() : undefined))
          .catch(() => {});
        return readTold(await opening, toldOf('read', name));
      }),
    async *list(options) {
      try {
        throwIfAborted(options.signal, 'list');
        yield* inner.list(options);
      } catch (error) {
        throw toldOf('list')(error);
      }
    },
  }));
}

function nameOf(about: PartsSubject): string {
  if (typeof about === 'string') return about;
  return 'first' in about ? about.first : about.name;
}

/** A result whose errors are translated, those of its stream, too. */
export const readTold = (
  result: ReadResult,
  translate: (error: unknown) => unknown,
  info: ObjectInfo = result.info,
): ReadResult => new ToldResult(result, translate, info);

class ToldResult implements ReadResult {
  readonly info: ObjectInfo;
  readonly bytes?: () => Promise<Uint8Array<ArrayBuffer>>;
  readonly #result: ReadResult;
  readonly #translate: (error: unknown) => unknown;
  #stream: ReadResult['stream'] | undefined;

  constructor(result: ReadResult, translate: (error: unknown) => unknown, info: ObjectInfo) {
    this.info = info;
    const bytes = result.bytes?.bind(result);
    if (bytes) this.bytes = () => this.#told(bytes);
    this.#result = result;
    this.#translate = translate;
  }

  get stream(): ReadResult['stream'] {
    this.#stream ??= mapErrors(this.#result.stream, this.#translate);
    return this.#stream;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#told(() => this.#result[Symbol.asyncDispose]());
  }

  async #told<T>(call: () => PromiseLike<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw this.#translate(error);
    }
  }
}
