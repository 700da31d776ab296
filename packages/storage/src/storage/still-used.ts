/**
 * Tells what is still used from what only waits to be collected, in the rare case that it matters: two storages that
 * exclude each other, of which the first may be gone already.
 *
 * A `WeakRef` alone cannot tell: until a collection runs it answers with what nobody reaches any more. So a collection
 * is asked for first. Before that the list of kept objects is cleared, on which a `WeakRef` puts its target until the job
 * ends: V8 does so at the end of a script in a `node:vm` context with a microtask queue of its own. Where the runtime
 * offers neither, what was not collected yet counts as used.
 *
 * @see https://tc39.es/ecma262/#sec-clear-kept-objects
 */
export function stillUsed<T extends object>(references: readonly WeakRef<T>[]): readonly T[] {
  if (references.length === 0) return [];
  collect();
  return references.flatMap(reference => reference.deref() ?? []);
}

function collect(): void {
  const v8 = globalThis.process?.getBuiltinModule?.('node:v8');
  const vm = globalThis.process?.getBuiltinModule?.('node:vm');
  if (!v8 || !vm) return;
  try {
    v8.setFlagsFromString('--expose-gc');
    const context = vm.createContext(Object.create(null), { microtaskMode: 'afterEvaluate' });
    vm.runInContext('0', context);
    vm.runInContext('gc()', context);
  } catch {
    // A runtime that has the modules, but not their contexts or its flags.
  } finally {
    v8.setFlagsFromString('--no-expose-gc');
  }
}
