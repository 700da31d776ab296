import { FieldFileError } from '../errors/field-file-error.ts';
import { shared } from '../shared.ts';
import type { Storage } from './storage.ts';

/** Storages in the place of aliases. */
export type Overrides = ReadonlyMap<string, Storage>;

/** What is used of Node's `AsyncLocalStorage`. */
interface AsyncContext {
  getStore(): Overrides | undefined;
  run<T>(overrides: Overrides, run: () => T): T;
}

/** Made by the first `storages.run`: who never calls it pays for no context. */
const holder = shared('storages-context', (): { context?: AsyncContext } => ({}));

/** What `storages.run` has put in the place of aliases around the caller. */
export const overridesOfContext = (): Overrides | undefined => holder.context?.getStore();

/** @throws `unsupported` where the runtime cannot tell one asynchronous context from another. */
export function asyncContext(): AsyncContext {
  holder.context ??= newContext();
  return holder.context;
}

/** Asked of the process, so that the package loads on any runtime. */
function newContext(): AsyncContext {
  const hooks = globalThis.process?.getBuiltinModule?.('node:async_hooks');
  if (hooks) return new hooks.AsyncLocalStorage<Overrides>();
  throw new FieldFileError(
    'unsupported',
    'This runtime has no AsyncLocalStorage, which storages.run() needs: use storages.override(), for the whole process.',
    { operation: 'storages' },
  );
}
