import { isFieldFileError } from '../errors/field-file-error.ts';
import { untilAborted } from './abort.ts';
import type { RetryOptions } from './storage-options.ts';

/**
 * How long to wait before attempt `attempt + 1` (the first is 1): "full jitter", so that clients spread out, on top of
 * what the service asks for. A service that asks for more than the limit is asked again after the limit.
 */
export function retryDelayMs(
  attempt: number,
  options: RetryOptions,
  askedSeconds: number = 0,
  random: () => number = Math.random,
): number {
  const { baseDelayMs = 100, maxDelayMs = 5000 } = options;
  const jitter = random() * Math.min(maxDelayMs, baseDelayMs * 2 ** (attempt - 1));
  return Math.min(maxDelayMs, askedSeconds * 1000) + jitter;
}

/** Waits, or rejects with `aborted` when the signal fires. */
export type Wait = (delayMs: number, signal: AbortSignal | undefined, operation: string) => Promise<void>;

/** Counts attempts of one operation. */
export class Attempts {
  #made = 1;
  readonly #options: RetryOptions;
  readonly #signal: AbortSignal | undefined;
  readonly #wait: Wait;

  constructor(options: RetryOptions, signal: AbortSignal | undefined, wait: Wait = byTimer) {
    this.#options = options;
    this.#signal = signal;
    this.#wait = wait;
  }

  /** Something was gained: what fails from now on is counted anew. */
  progressed(): void {
    this.#made = 1;
  }

  /** Waits before another attempt, or throws `error` when there is to be none. */
  async orThrow(error: unknown): Promise<void> {
    const again = isFieldFileError(error) && error.retryable && this.#made < (this.#options.attempts ?? 4);
    if (!again || this.#signal?.aborted) throw error;
    const delay = retryDelayMs(this.#made++, this.#options, error.retryAfterSeconds);
    await this.#wait(delay, this.#signal, error.operation ?? 'retry');
  }
}

/** @throws `aborted`, at once, when the signal fires. */
export async function byTimer(
  delayMs: number,
  signal: AbortSignal | undefined,
  operation: string,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const waited = new Promise<void>(resolve => {
    timer = setTimeout(resolve, delayMs);
  });
  try {
    await untilAborted(waited, signal, operation);
  } finally {
    clearTimeout(timer);
  }
}

/** Repeats a call that may be made twice without harm. */
export async function withRetries<T>(
  call: () => Promise<T>,
  options: RetryOptions,
  signal: AbortSignal | undefined,
): Promise<T> {
  let attempts: Attempts | undefined;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      attempts ??= new Attempts(options, signal);
      await attempts.orThrow(error);
    }
  }
}
