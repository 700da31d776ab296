import { abortedError, throwIfAborted } from '@fieldfile/storage/backend';

/** No answer and no progress for as long as `timeout` allows. */
export class TimedOut extends Error {
  override readonly name: string = 'TimedOut';
}

/** A body that ended before its end. */
export class BrokenBody extends Error {
  override readonly name: string = 'BrokenBody';
}

/** An answer of success that the service never gives: a proxy or a login page answered. */
export class NotAStore extends Error {
  override readonly name: string = 'NotAStore';
}

export interface CallSettings {
  readonly signal?: AbortSignal | undefined;
  readonly operation: string;
  readonly timeoutMs: number;
}

/** How long requests that are already out may still be answered when their operation is given up. */
const ANSWER_MS = 2000;

/**
 * One operation's requests, which end together. The SDK gets a signal of its own: it takes its listeners off some time
 * later, and the caller's signal must have none once the operation is over.
 */
export class Call {
  readonly #settings: CallSettings;
  readonly #requests = new AbortController();
  #source: AbortController | undefined;
  #givenUp: { readonly reason: unknown } | undefined;
  readonly #onAbort = (): void => this.#stop(this.#settings.signal?.reason);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #underWay = 0;
  #hasEnded = false;

  /**
   * Whether requests under way are waited for, a moment, when the operation is given up. One that has all it needs may
   * be carried out after its connection is gone: what it makes would then come after what was undone.
   */
  isPatient: boolean;

  /** @throws `aborted` when the signal has fired. End what this makes. */
  constructor(settings: CallSettings, isPatient = false) {
    throwIfAborted(settings.signal, settings.operation);
    this.#settings = settings;
    this.isPatient = isPatient;
    settings.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Fires when the operation is given up: for what feeds its requests. */
  get signal(): AbortSignal {
    // Most calls feed their requests from memory and need none.
    this.#source ??= new AbortController();
    if (this.#givenUp) this.#source.abort(this.#givenUp.reason);
    return this.#source.signal;
  }

  /** Sends a request. The time without progress counts while one is under way. */
  async ask<T>(send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#givenUp) throw this.#givenUp.reason;
    this.#underWay++;
    this.progress();
    try {
      return await send(this.#requests.signal);
    } finally {
      this.#underWay--;
      if (this.#underWay === 0) this.pause();
      else this.progress();
    }
  }

  /** Something happened: the time without progress begins anew. */
  progress(): void {
    if (this.#givenUp || this.#hasEnded) return;
    if (this.#timer) this.#timer.refresh();
    else this.#timer = setTimeout(() => this.#cut(new TimedOut('No answer.')), this.#settings.timeoutMs);
  }

  /** The service waits for us, not we for it. */
  pause(): void {
    if (this.#givenUp && this.#underWay > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Gives the operation up, since something of it failed. */
  stop(): void {
    this.#stop(new Error('Another part of the operation failed.'));
  }

  end(): void {
    this.#hasEnded = true; // a body may still be taken from when its answer is there
    clearTimeout(this.#timer);
    this.#settings.signal?.removeEventListener('abort', this.#onAbort);
  }

  /** What really ended an operation that stopped with this error. */
  explain(error: unknown): unknown {
    const { signal, operation } = this.#settings;
    if (signal?.aborted) return abortedError(signal, operation);
    return this.#givenUp?.reason instanceof TimedOut ? this.#givenUp.reason : error;
  }

  #stop(reason: unknown): void {
    if (this.#givenUp) return;
    clearTimeout(this.#timer);
    this.#giveUp(reason);
    if (!this.isPatient) this.#cut(reason);
    else if (this.#underWay > 0) this.#timer = setTimeout(() => this.#cut(reason), ANSWER_MS);
  }

  #cut(reason: unknown): void {
    clearTimeout(this.#timer);
    this.#giveUp(reason);
    this.#requests.abort(reason);
  }

  #giveUp(reason: unknown): void {
    this.#givenUp ??= { reason };
    this.#source?.abort(reason);
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
