import { FieldFileError, isFieldFileError } from '../errors/field-file-error.ts';
import { isObjectName, type ObjectName, objectName, utf8Length } from '../names/object-name.ts';
import type { Backend, BackendLimits, Candidates } from '../storage/backend.ts';
import { writesParts } from '../storage/capabilities.ts';
import { type Place, placeBelow, placeOf } from '../storage/places.ts';
import { readTold } from './answering.ts';
import { type PartsSubject, type Wrapped, wrapBackend, wrapParts } from './wrap-backend.ts';

/** What a backend below a prefix can be told. */
export interface PrefixOptions {
  /** Default: the other's id and the location. */
  readonly id?: string | undefined;
  /** First segments of a name that the backend below keeps for itself. Default: none. */
  readonly reservedSegments?: readonly string[];
}

/**
 * A backend whose objects are those of another below `location/`. Its names, also in listings and errors, are without
 * the prefix. Closing it closes the other.
 *
 * @throws `suspicious-name` for a location that is no name, `name-too-long` for one that leaves no room for names.
 *
 * @example
 * ```ts
 * import { Storage, withPrefix } from '@fieldfile/storage';
 * import { MemoryStorage } from '@fieldfile/memory';
 *
 * const everything = new MemoryStorage();
 * const tenant = new Storage(withPrefix(everything.backend, 'tenants/7'));
 * await tenant.save('a.txt', 'hello');
 * await everything.exists('tenants/7/a.txt'); // true
 * ```
 */
export function withPrefix<B extends Backend>(
  backend: B,
  location: string,
  options: PrefixOptions = {},
): Wrapped<B> {
  const prefix = `${objectName(location, backend.limits, 'withPrefix', backend.id)}/`;
  const id = options.id ?? `${backend.id}/${location}`;
  const place = placeBelow(placeOf(backend), location, id);
  let located: Place = place;

  const inner = (name: string): ObjectName => (prefix + name) as ObjectName;
  const outer = <Name extends string>(name: Name): Name => {
    if (name.startsWith(prefix)) return name.slice(prefix.length) as Name;
    // Cutting it anyway would make a name of it that looks like one of ours.
    throw new FieldFileError(
      'suspicious-name',
      `Storage "${backend.id}" answered with ${JSON.stringify(name)}, which is outside of "${prefix}".`,
      { storage: id, name },
    );
  };
  const below = <T extends { readonly name: ObjectName }>(one: T): T => ({ ...one, name: outer(one.name) });
  const candidates = (names: Candidates): Candidates => ({
    first: inner(names.first),
    next: async refused => inner(await names.next(outer(refused))),
  });

  const innerOf = (about: PartsSubject): PartsSubject => {
    if (typeof about === 'string') return inner(about);
    return 'first' in about ? candidates(about) : { ...about, name: inner(about.name) };
  };

  /** The other's own errors; those of contents and callers are none of its business. */
  const translated = (error: unknown): unknown => {
    if (!isFieldFileError(error) || error.storage !== backend.id) return error;
    const { code, message, operation, objectName, field, retryable, retryAfterSeconds, applied, cause } =
      error;
    return new FieldFileError(
      code,
      message.replaceAll(JSON.stringify(prefix).slice(0, -1), '"').replaceAll(`"${backend.id}"`, `"${id}"`),
      {
        storage: id,
        name: objectName?.startsWith(prefix) ? outer(objectName) : objectName,
        ...{ operation, field, retryable, retryAfterSeconds, applied, cause },
      },
    );
  };
  const now = <T>(call: () => T): T => {
    try {
      return call();
    } catch (error) {
      throw translated(error);
    }
  };
  const told = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      throw translated(error);
    }
  };

  return wrapBackend(backend, whole => ({
    id,
    formerIds: (backend.formerIds ?? []).map(former => `${former}/${location}`),
    place,
    limits: limitsBelow(prefix, backend, options.reservedSegments),
    listOrder: whole.listOrder,
    keepsContentEncoding: whole.keepsContentEncoding,
    keepsVisibility: whole.keepsVisibility,
    cannot: whole.cannot,
    urls: whole.urls,
    locate: async () => {
      const within = await whole.locate();
      if (located.within !== within) located = placeBelow(within, location, id);
      return located;
    },
    create: (source, names, options) =>
      told(async () => below(await whole.create(source, candidates(names), options))),
    replace: (name, source, options) =>
      told(async () => below(await whole.replace(inner(name), source, options))),
    undo: (name, writeId, options) => told(() => whole.undo(inner(name), writeId, options)),
    findWrite: (name, writeId, options) =>
      told(async () => {
        const info = await whole.findWrite(inner(name), writeId, options);
        return info && below(info);
      }),
    settle: (name, writeId, options) => told(() => whole.settle(inner(name), writeId, options)),
    read: (name, options) =>
      told(async () => {
        const result = await whole.read(inner(name), options);
        return readTold(result, translated, below(result.info));
      }),
    info: (name, options) =>
      told(async () => {
        const info = await whole.info(inner(name), options);
        return info && below(info);
      }),
    remove: (name, options) => told(() => whole.remove(inner(name), options)),
    removeMany: (names, options) =>
      told(async () => {
        const failed = await whole.removeMany(names.map(inner), options);
        return new Map(Array.from(failed, ([name, error]) => [outer(name), translated(error)]));
      }),
    async *list({ prefix: begin, after, ...options }) {
      const more = after === undefined ? {} : { after: inner(after) };
      try {
        for await (const page of whole.list({ ...options, ...more, prefix: inner(begin) }))
          yield {
            // What has a name only above the prefix: `C:/x`, or the folder itself, of which some tools make an object.
            objects: page.objects.map(below).filter(({ name }) => isObjectName(name)),
            folders: page.folders.map(outer).filter(folder => isObjectName(folder.slice(0, -1))),
          };
      } catch (error) {
        throw translated(error);
      }
    },
    copy: (from, names, options) =>
      told(async () => below(await whole.copy(inner(from), candidates(names), options))),
    placeUpload: (name, target, options) =>
      told(async () => below(await whole.placeUpload(inner(name), target, options))),
    publicUrl: name => now(() => whole.publicUrl(inner(name))),
    signUrl: (name, options) => told(() => whole.signUrl(inner(name), options)),
    signUpload: (name, options) => told(() => whole.signUpload(inner(name), options)),
    localPath: name => now(() => whole.localPath(inner(name))),
    parts: writesParts(backend)
      ? wrapParts(backend.parts, (_, about, proceed) =>
          told(async () => {
            const answer = await proceed(innerOf(about));
            return isNamed(answer) ? below(answer) : answer;
          }),
        )
      : undefined,
    close: () => told(() => whole.close()),
  }));
}

const isNamed = (answer: unknown): answer is { readonly name: ObjectName } =>
  (answer as { readonly name?: unknown } | undefined)?.name !== undefined;

/** Segments that are reserved at the top are ordinary ones below. */
function limitsBelow(
  prefix: string,
  { id, limits }: Backend,
  reservedSegments: readonly string[] | undefined,
): BackendLimits {
  const { reservedSegments: _, maxSegments = Number.POSITIVE_INFINITY, ...rest } = limits;
  const maxNameBytes = limits.maxNameBytes - utf8Length(prefix);
  const segments = maxSegments - (prefix.split('/').length - 1);
  if (maxNameBytes > 0 && segments > 0)
    return {
      ...rest,
      maxNameBytes,
      ...(Number.isFinite(segments) ? { maxSegments: segments } : {}),
      ...(reservedSegments ? { reservedSegments } : {}),
    };
  throw new FieldFileError(
    'name-too-long',
    `"${prefix}" leaves no room for names: at most ${limits.maxNameBytes} bytes fit (withPrefix).`,
    { operation: 'withPrefix', storage: id, name: prefix },
  );
}
