/**
 * Bounds what a synchronous loop over rows keeps alive.
 *
 * `new WeakRef(row)` and `deref()` put the row on V8's list of kept objects, which is cleared when the job ends
 * (ECMAScript's ClearKeptObjects): a loop that fetches rows and never leaves the job (SQLite drivers, awaits of resolved
 * promises) would keep every row it touched. The list is also cleared when a microtask queue of the isolate is
 * checkpointed, and a `node:vm` context with `microtaskMode: 'afterEvaluate'` has one of its own: running an empty
 * script there clears the list without running a single microtask of the application.
 *
 * The budget is small, because a collection that meets a kept row does more than keep that row: V8 takes what survived
 * as the program's need, and lets several times as much garbage gather before it collects again.
 *
 * Hazard: code that relies on two `deref()`s agreeing within one job. `configure({ releaseKept: false })` turns this off.
 *
 * @see https://tc39.es/ecma262/#sec-clear-kept-objects
 */

let enabled = true;
/** Rows of 1 kB are released by the thousand, rows of 10 MB one by one. */
let budgetBytes = 4 * 1024 * 1024;
let clear: (() => void) | undefined;

/** Null where the runtime has neither. Loaded at the first row: 2 ms that an import need not wait for. */
let engine: Engine | null | undefined;
let atRelease: HeapSize | undefined;

export function configureKeptObjects(options: {
  readonly enabled?: boolean;
  readonly budgetBytes?: number;
}): void {
  enabled = options.enabled ?? enabled;
  budgetBytes = options.budgetBytes ?? budgetBytes;
}

/**
 * Clears the list once the heap has grown by the budget since the last time, or has been collected since: the next
 * collection is to find nothing on it. To ask costs 0.3 µs, to clear another; at a row's first touch only.
 */
export function releaseKeptObjects(): void {
  if (!enabled) return;
  if (engine === undefined) engine = loadEngine();
  if (!engine) return;
  const now = heapSize(engine.v8);
  if (atRelease && isSmall(now, atRelease)) return;
  atRelease = now; // the first time, too: the first row may be large
  clear ??= makeClear(engine.vm);
  clear();
}

function isSmall(now: HeapSize, before: HeapSize): boolean {
  const grown = now.live - before.live;
  return grown >= 0 && grown < budgetBytes && now.allocated - before.allocated < budgetBytes;
}

interface Engine {
  readonly v8: typeof import('node:v8');
  readonly vm: typeof import('node:vm');
}

function loadEngine(): Engine | null {
  const v8 = globalThis.process?.getBuiltinModule?.('node:v8');
  const vm = globalThis.process?.getBuiltinModule?.('node:vm');
  return v8 && vm ? { v8, vm } : null;
}

/** In bytes. */
interface HeapSize {
  readonly live: number;
  /** Since the start: a row that takes the place of a collected one does not show in what is alive. */
  readonly allocated: number;
}

function heapSize(v8: typeof import('node:v8')): HeapSize {
  const statistics: HeapStatistics = v8.getHeapStatistics();
  return {
    live: statistics.used_heap_size + statistics.external_memory,
    allocated: statistics.total_allocated_bytes ?? 0,
  };
}

/** With what Node has since 25. */
type HeapStatistics = ReturnType<typeof import('node:v8').getHeapStatistics> & {
  readonly total_allocated_bytes?: number;
};

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
