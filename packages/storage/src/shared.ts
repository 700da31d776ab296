const SHARED = Symbol.for('@fieldfile/storage/1');
const global = globalThis as { [SHARED]?: Record<string, unknown> };
global[SHARED] ??= {};
const parts: Record<string, unknown> = global[SHARED];

/** What every copy of this package in one process shares of one module. The copy that is loaded first makes it. */
export function shared<Part extends object>(name: string, make: () => Part): Part {
  parts[name] ??= make();
  return parts[name] as Part;
}
