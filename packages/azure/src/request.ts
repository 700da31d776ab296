import { abortedError, throwIfAborted } from '@fieldfile/core/backend';

/** No answer and no progress for as long as `timeout` allows. */
export class TimedOut extends Error {
  override readonly name: string = 'TimedOut';
}

/** A body that ended before its end. */
export class BrokenBody extends Error {
  override readonly name: string = 'BrokenBody';
}

export interface CallSettings {
  readonly signal?: AbortSignal | undefined;
  readonly operation: string;
  readonly timeoutMs: number;
}

/** How long an aborted request that is already out may still be answered. */
const ANSWER_MS = 2000;

/**
 * One operation's requests, which end together. The SDK gets a signal of its own: it takes its listeners off some time
 * later, and the caller's signal must have none once the operation is over.
 */
export class Call {
  readonly #settings: CallSettings;
  readonly #controller = new AbortController();
  readonly #onAbort = (): void => this.#aborted();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #requests = 0;
  #isComplete = false;

  /** @throws `aborted` when the signal has fired. End what this makes. */
  constructor(settings: CallSettings) {
    throwIfAborted(settings.signal, settings.operation);
    this.#settings = settings;
    settings.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** For the SDK and for what feeds it. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Sends a request. The time without progress counts while one is under way. */
  async ask<T>(send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#requests++;
    this.progress();
    try {
      return await send(this.signal);
    } finally {
      this.#requests--;
      if (this.#requests === 0) this.pause();
      else this.progress();
    }
  }

  /** Something happened: the time without progress begins anew. */
  progress(): void {
    if (this.#timer) this.#timer.refresh();
    else if (!this.signal.aborted)
      this.#timer = setTimeout(() => this.#end(new TimedOut('No answer.')), this.#settings.timeoutMs);
  }

  /** The service waits for us, not we for it. */
  pause(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /**
   * The service has all it needs to carry the request out. An abort now waits a moment for the answer: nobody could
   * tell otherwise whether there is something to undo.
   */
  complete(): void {
    this.#isComplete = true;
  }

  /** Stops what is under way, since something of it failed. */
  stop(): void {
    this.#end(new Error('Another request of the operation failed.'));
  }

  end(): void {
    this.pause();
    this.#settings.signal?.removeEventListener('abort', this.#onAbort);
  }

  /** What really ended an operation that stopped with this error. */
  explain(error: unknown): unknown {
    const { signal, operation } = this.#settings;
    if (signal?.aborted) return abortedError(signal, operation);
    return this.signal.reason instanceof TimedOut ? this.signal.reason : error;
  }

  #aborted(): void {
    const reason = this.#settings.signal?.reason;
    if (!this.#isComplete) return this.#end(reason);
    this.pause();
    this.#timer = setTimeout(() => this.#end(reason), ANSWER_MS);
  }

  #end(reason: unknown): void {
    this.pause();
    this.#controller.abort(reason);
  }
}

/** One request that changes nothing, or whose repetition does not matter. */
export async function request<T>(
  settings: CallSettings,
  send: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const call = new Call(settings);
  try {
    return await call.ask(send);
  } catch (error) {
    throw call.explain(error);
  } finally {
    call.end();
  }
}
