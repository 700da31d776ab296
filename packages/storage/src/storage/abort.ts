import { FieldFileError } from '../errors/field-file-error.ts';

/** The error every operation rejects with when its signal fires; `cause` is the signal's reason. */
export function abortedError(signal: AbortSignal, operation: string): FieldFileError {
  return new FieldFileError('aborted', `Aborted (${operation}).`, { operation, cause: signal.reason });
}

/** @throws `aborted` when the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined, operation: string): void {
  if (signal?.aborted) throw abortedError(signal, operation);
}

/**
 * Settles as `promise` does, or rejects with `aborted` as soon as the signal fires. Leaves no listener on the signal.
 * The promise goes on by itself, its rejection handled: end what it waits for, too.
 */
export async function untilAborted<T>(
  promise: PromiseLike<T>,
  signal: AbortSignal | undefined,
  operation: string,
): Promise<T> {
  if (!signal) return promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(abortedError(signal, operation));
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    // Also when the signal had fired before: a rejection of `promise` that nobody awaits would end the process.
    return await Promise.race([aborted, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
