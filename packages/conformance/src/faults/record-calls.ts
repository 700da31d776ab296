import type { Backend } from '@fieldfile/storage';
import { type BackendCall, intercept } from './intercept.ts';

/** A backend that notes every call before it passes it on. */
export interface Recording<B extends Backend = Backend> {
  readonly backend: B;
  /** In the order they were made; grows. */
  readonly calls: readonly BackendCall[];
}

/**
 * Records the calls a backend gets: to show that one was, or was not, made.
 *
 * @example
 * ```ts
 * import { recordCalls } from '@fieldfile/conformance';
 * import { Storage } from '@fieldfile/storage';
 * import { MemoryStorage } from '@fieldfile/memory';
 *
 * const { backend, calls } = recordCalls(new MemoryStorage().backend);
 * await new Storage(backend).exists('a.txt');
 * console.log(calls.map(call => call.operation)); // ['info']
 * ```
 */
export function recordCalls<B extends Backend>(backend: B): Recording<B> {
  const calls: BackendCall[] = [];
  const recorded = intercept(backend, {
    call(call, proceed) {
      calls.push(call);
      return proceed();
    },
    list(call, proceed) {
      calls.push(call);
      return proceed();
    },
  });
  return { backend: recorded, calls };
}
