/** A timer as most runtimes have it; Node's can begin anew without being made anew. */
type Timer = ReturnType<typeof setTimeout> & { readonly refresh?: () => unknown };

/** Gives up what was waited for too long at a stretch. One timer serves all waits, as there is one for each chunk. */
export class Patience {
  readonly #seconds: number;
  readonly #giveUp: () => void;
  #timer: Timer | undefined;
  #isWaiting = false;
  #isOver = false;

  /** @param seconds of one wait; infinite: for ever. */
  constructor(seconds: number, giveUp: () => void) {
    this.#seconds = seconds;
    this.#giveUp = giveUp;
  }

  begin(): void {
    this.#isWaiting = true;
    if (this.#isOver || !Number.isFinite(this.#seconds)) return;
    if (this.#timer?.refresh) return void this.#timer.refresh();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#isWaiting) this.#giveUp();
    }, this.#seconds * 1000);
  }

  pause(): void {
    this.#isWaiting = false;
  }

  /** Nothing is waited for any more. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }
}
