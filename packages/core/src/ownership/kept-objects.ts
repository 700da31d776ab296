/**
 * Bounds what a synchronous loop over rows keeps alive.
 *
 * `new WeakRef(row)` and `deref()` put the row on V8's list of kept objects, which is cleared when the job ends
 * (ECMAScript's ClearKeptObjects): a loop that fetches rows and never leaves the job (SQLite drivers, awaits of resolved
 * promises) would keep every row it touched. The list is also cleared when a microtask queue of the isolate is
 * checkpointed, and a `node:vm` context with `microtaskMode: 'afterEvaluate'` has one of its own: running an empty
 * script there clears the list without running a single microtask of the application.
 *
 * Hazard: code that relies on two `deref()`s agreeing within one job. `configure({ releaseKept: false })` turns this off.
 *
 * @see https://tc39.es/ecma262/#sec-clear-kept-objects
 */

let enabled = true;
let budgetBytes = 64 * 1024 * 1024;
let bytesAtRelease = 0;
let clear: (() => void) | undefined;

const v8 = globalThis.process?.getBuiltinModule?.('node:v8');
const vm = globalThis.process?.getBuiltinModule?.('node:vm');

export function configureKeptObjects(options: {
  readonly enabled?: boolean;
  readonly budgetBytes?: number;
}): void {
  enabled = options.enabled ?? enabled;
  budgetBytes = options.budgetBytes ?? budgetBytes;
}

/** Clears the list once the heap has grown by the budget since the last time. About 1 µs; at a row's first touch only. */
export function releaseKeptObjects(): void {
  if (!enabled || !v8 || !vm) return;
  const { used_heap_size, external_memory } = v8.getHeapStatistics();
  const bytes = used_heap_size + external_memory;
  if (bytes < bytesAtRelease) bytesAtRelease = bytes; // a collection freed more than we last saw
  if (bytes - bytesAtRelease < budgetBytes) return;
  bytesAtRelease = bytes;
  clear ??= makeClear(vm);
  clear();
}

/** The context costs 1.2 ms and 190 kB: made when it is first needed. */
function makeClear(vm: typeof import('node:vm')): () => void {
  try {
    const context = vm.createContext(Object.create(null), { microtaskMode: 'afterEvaluate' });
    const script = new vm.Script('0');
    return () => void script.runInContext(context);
  } catch {
    return () => {}; // a runtime that has the module, but not its contexts
  }
}
