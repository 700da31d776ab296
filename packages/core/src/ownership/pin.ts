import { shared } from './registry.ts';

/** Owners of operations in flight. */
const pins = shared('pins', () => new Set<object>());

/**
 * Keeps an owner alive while `run` is in flight, and not longer.
 *
 * A local variable does not: once a function is optimised, V8 collects what is not used after an `await`, though the
 * variable is in scope. A set that the module holds is out of the optimiser's sight.
 */
export async function pinned<T>(owner: object | undefined, run: () => Promise<T>): Promise<T> {
  if (!owner) return run();
  const pin = { owner }; // one entry an operation: two operations on one row let go separately
  pins.add(pin);
  try {
    return await run();
  } finally {
    pins.delete(pin);
  }
}
