import { FieldFileError } from '@fieldfile/storage';

/** Work on one connection, one after another in the order it came. */
export class Lane {
  readonly #waitMs: number;
  readonly #waiting: PromiseWithResolvers<void>[] = [];
  #occupied = false;
  #closed: (() => FieldFileError) | undefined;
  #limit: ReturnType<typeof setTimeout> | undefined;

  /** @param waitMs how long the one that has its turn may keep the others waiting. */
  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  /** Waits for its turn, which `leave` ends. @throws `timeout`, or what the lane was closed with. */
  async enter(): Promise<void> {
    if (this.#closed) throw this.#closed();
    if (this.#occupied) {
      const turn = Promise.withResolvers<void>();
      this.#waiting.push(turn);
      this.#limit ??= this.#startLimit();
      await turn.promise;
    }
    this.#occupied = true;
  }

  leave(): void {
    this.#endLimit();
    const next = this.#waiting.shift();
    if (this.#waiting.length > 0) this.#limit = this.#startLimit();
    if (next) next.resolve();
    else this.#occupied = false;
  }

  /** Nobody has another turn. @param reason is made when somebody is told, since an error costs more than a statement. */
  close(reason: () => FieldFileError): void {
    this.#closed = reason;
    this.#refuseWaiting(reason);
  }

  #startLimit(): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.#refuseWaiting(() => waitedTooLong(this.#waitMs)), this.#waitMs);
  }

  #endLimit(): void {
    clearTimeout(this.#limit);
    this.#limit = undefined;
  }

  #refuseWaiting(reason: () => FieldFileError): void {
    this.#endLimit();
    for (const turn of this.#waiting.splice(0)) turn.reject(reason());
  }
}

const waitedTooLong = (waitMs: number): FieldFileError =>
  new FieldFileError(
    'timeout',
    `A save or savepoint waited ${waitMs / 1000} s for another savepoint of its transaction, and gave up: nothing was written. ` +
      'Savepoints on one connection run one after another, so one that awaits work begun later waits for ever: begin that ' +
      'work inside the savepoint, or await it before. siblingWaitSeconds is the limit.',
    { operation: 'transaction', retryable: false, applied: false },
  );
