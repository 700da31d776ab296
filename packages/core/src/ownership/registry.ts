const SHARED = Symbol.for('@fieldfile/core/1');
const global = globalThis as { [SHARED]?: Record<string, unknown> };

global[SHARED] ??= {};

const slots = global[SHARED];

/** What every copy of this package in one process shares, so that they agree on handles: made by the first that asks. */
export function shared<T>(slot: string, make: () => T): T {
  slots[slot] ??= make();
  return slots[slot] as T;
}
