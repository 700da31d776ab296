import { throwIfAborted } from '../storage/abort.ts';
import type { Candidates } from '../storage/backend.ts';
import type { ObjectName } from './object-name.ts';

/**
 * Tries names until one is free: the loop of every `create`.
 *
 * @param attempt undefined where the service refused the name since it is occupied.
 * @throws `aborted` before another name is asked for.
 */
export async function firstFree<T>(
  names: Candidates,
  attempt: (name: ObjectName) => Promise<T | undefined>,
  signal?: AbortSignal,
): Promise<T> {
  let name = names.first;
  for (;;) {
    const result = await attempt(name);
    if (result !== undefined) return result;
    throwIfAborted(signal, 'create');
    name = await names.next(name);
  }
}
