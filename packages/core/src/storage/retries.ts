import { isFieldFileError } from '../errors/field-file-error.ts';
import { untilAborted } from './abort.ts';
import type { RetryOptions } from './storage-options.ts';

/** How long to wait before attempt `attempt + 1` (the first is 1): "full jitter", so that clients spread out. */
export function retryDelayMs(
  attempt: number,
  options: RetryOptions,
  random: () => number = Math.random,
): number {
  const { baseDelayMs = 100, maxDelayMs = 5000 } = options;
  return random() * Math.min(maxDelayMs, baseDelayMs * 2 ** (attempt - 1));
}

/** Counts attempts of one operation. */
export class Attempts {
  #made = 1;
  readonly #options: RetryOptions;
  readonly #signal: AbortSignal | undefined;

  constructor(options: RetryOptions, signal: AbortSignal | undefined) {
    this.#options = options;
    this.#signal = signal;
  }

  /** Waits before another attempt, or throws `error` when there is to be none. */
  async orThrow(error: unknown): Promise<void> {
    const again = isFieldFileError(error) && error.retryable && this.#made < (this.#options.attempts ?? 4);
    if (!again || this.#signal?.aborted) throw error;
    const delay = retryDelayMs(this.#made++, this.#options);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const waited = new Promise<void>(resolve => {
      timer = setTimeout(resolve, delay);
    });
    try {
      await untilAborted(waited, this.#signal, error.operation ?? 'retry');
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Repeats a call that may be made twice without harm. */
export async function withRetries<T>(
  call: () => Promise<T>,
  options: RetryOptions,
  signal: AbortSignal | undefined,
): Promise<T> {
  const attempts = new Attempts(options, signal);
  for (;;) {
    try {
      return await call();
    } catch (error) {
      await attempts.orThrow(error);
    }
  }
}
