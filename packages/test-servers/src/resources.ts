/** What a test opened, and closes at its end, the last first: as `AsyncDisposableStack`, which not every supported Node has. */
export class Resources {
  readonly #closing: (() => unknown)[] = [];

  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  defer(close: () => unknown): void {
    this.#closing.push(close);
  }

  async disposeAsync(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close();
  }
}
