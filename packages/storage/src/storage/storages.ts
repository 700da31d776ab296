import { describe } from '../content/source-context.ts';
import { FieldFileError } from '../errors/field-file-error.ts';
import { shared } from '../shared.ts';
import { releasePlace } from './places.ts';
import { isStorage, type Storage } from './storage.ts';
import { asyncContext, overridesOfContext } from './storages-context.ts';

/**
 * Types of your aliases. Empty as shipped: any string is an alias then. Augment it to have them checked.
 *
 * @example
 * ```ts
 * import type { FileSystemStorage } from '@fieldfile/fs';
 *
 * declare module '@fieldfile/storage' {
 *   interface StorageAliases {
 *     default: FileSystemStorage;
 *   }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: made to be augmented
export interface StorageAliases {}

type Known = Extract<keyof StorageAliases, string>;

export type StorageAlias = [Known] extends [never] ? string : Known;

type StorageOf<Alias extends string> = Alias extends keyof StorageAliases
  ? StorageAliases[Alias] extends Storage
    ? StorageAliases[Alias]
    : Storage
  : Storage;

type Configuration = { readonly [Alias in StorageAlias]?: StorageOf<Alias> | (() => StorageOf<Alias>) };

/** What every copy of this package in one process shares. */
interface Registry {
  readonly configured: Map<string, Storage | (() => Storage)>;
  readonly made: Map<string, Storage>;
  /** The last of an alias wins. */
  overrides: readonly { readonly alias: string; readonly storage: Storage }[];
}

const registry: Registry = shared('storages', () => ({
  configured: new Map(),
  made: new Map(),
  overrides: [],
}));

/**
 * The storages of the application, by alias; fields use `'default'`. One instance an alias, made when first used.
 *
 * @example
 * ```ts
 * import { storages } from '@fieldfile/storage';
 * import { FileSystemStorage } from '@fieldfile/fs';
 * import { MemoryStorage } from '@fieldfile/memory';
 *
 * storages.configure({ default: () => new FileSystemStorage({ root: 'media' }) });
 *
 * export async function aTest(): Promise<void> {
 *   using _ = storages.override('default', new MemoryStorage());
 *   // every field on 'default' stores in memory until the block ends
 * }
 * ```
 */
export interface Storages {
  /** Adds or changes aliases. A function is called once, when its alias is first used. */
  configure(storages: Configuration): void;
  /** @throws `unknown-storage`, naming the aliases there are. */
  get<Alias extends StorageAlias>(alias: Alias): StorageOf<Alias>;
  /**
   * Puts a storage in an alias's place for the whole process, until the result is disposed of. Overrides can be nested.
   * For code that runs beside other code of the process, such as parallel tests, see {@link run}.
   */
  override(alias: StorageAlias, storage: Storage): Disposable;
  /**
   * Calls `run` with storages in the place of aliases. Only what `run` calls and awaits sees them. They go before those of
   * {@link override}, and an inner call goes before an outer one.
   *
   * @returns what `run` returns.
   * @throws `unsupported` on a runtime without asynchronous contexts (`AsyncLocalStorage` of Node, Deno, Bun, workerd).
   *
   * @example
   * ```ts
   * import { storages } from '@fieldfile/storage';
   * import { MemoryStorage } from '@fieldfile/memory';
   *
   * await storages.run({ default: new MemoryStorage() }, async () => {
   *   await storages.get('default').save('a.txt', 'seen in here alone');
   * });
   * ```
   */
  run<T>(overrides: { readonly [Alias in StorageAlias]?: Storage }, run: () => T): T;
}

export const storages: Storages = {
  configure(configuration) {
    const given = Object.entries(configuration as object).filter(([, storage]) => storage !== undefined);
    for (const [alias, storage] of given) refuseClass(storage, `The storage configured as "${alias}"`);
    for (const [alias, storage] of given) {
      const before = inUse(alias);
      registry.configured.set(alias, storage as Storage | (() => Storage));
      registry.made.delete(alias);
      if (before && before !== storage && !isConfigured(before)) releasePlace(before);
    }
  },

  get<Alias extends StorageAlias>(alias: Alias): StorageOf<Alias> {
    return storageOf(alias) as StorageOf<Alias>;
  },

  override(alias, storage) {
    const entry = { alias, storage: requireStorage(storage, `the override of "${alias}"`) };
    registry.overrides = [...registry.overrides, entry];
    return {
      [Symbol.dispose]() {
        registry.overrides = registry.overrides.filter(other => other !== entry);
      },
    };
  },

  run<T>(overrides: { readonly [Alias in StorageAlias]?: Storage }, run: () => T): T {
    const context = asyncContext();
    const inside = new Map(context.getStore());
    for (const [alias, storage] of Object.entries(overrides))
      if (storage !== undefined) inside.set(alias, requireStorage(storage, `the override of "${alias}"`));
    return context.run(inside, run);
  },
};

function storageOf(alias: string): Storage {
  const inContext = overridesOfContext()?.get(alias);
  if (inContext) return inContext;
  const override = registry.overrides.findLast(entry => entry.alias === alias);
  if (override) return override.storage;
  const known = registry.made.get(alias);
  if (known) return known;
  const configured = registry.configured.get(alias);
  if (configured === undefined) throw unknownStorage(alias);
  const storage = requireStorage(
    typeof configured === 'function' ? configured() : configured,
    `the storage configured as "${alias}"`,
  );
  registry.made.set(alias, storage);
  return storage;
}

/** The alias's storage, if there is one already. */
function inUse(alias: string): Storage | undefined {
  const configured = registry.configured.get(alias);
  return registry.made.get(alias) ?? (typeof configured === 'function' ? undefined : configured);
}

const isConfigured = (storage: Storage): boolean =>
  [...registry.configured.keys()].some(alias => inUse(alias) === storage);

/** @throws `invalid-argument` for what is no storage. */
export function requireStorage(value: unknown, what: string, field?: string): Storage {
  if (isStorage(value)) return value;
  throw new FieldFileError(
    'invalid-argument',
    `${what} is ${describe(value)}, no Storage: give an instance, as in new MemoryStorage().`,
    { operation: 'storages', field },
  );
}

/**
 * A storage, or a function that makes one, as far as that shows before it is called.
 *
 * @throws `invalid-argument`.
 */
export function requireStorageOrMaker(value: unknown, what: string, field?: string): void {
  if (typeof value === 'function') refuseClass(value, what, field);
  else requireStorage(value, what, field);
}

/** A class would be called as the function that makes a storage. */
function refuseClass(value: unknown, what: string, field?: string): void {
  if (typeof value !== 'function' || !/^class\b/.test(Function.prototype.toString.call(value))) return;
  throw new FieldFileError(
    'invalid-argument',
    `${what} is the class ${value.name}, no Storage: give an instance or a function, as in () => new ${value.name || 'MemoryStorage'}().`,
    { operation: 'storages', field },
  );
}

function unknownStorage(alias: string): FieldFileError {
  const known = [...registry.configured.keys()].map(name => `"${name}"`).join(', ');
  return new FieldFileError(
    'unknown-storage',
    `No storage is configured as "${alias}" (${known ? `there is ${known}` : 'none is'}): ` +
      `call storages.configure({ ${JSON.stringify(alias)}: () => … }) before the field is used.`,
    { operation: 'storages', name: alias },
  );
}
