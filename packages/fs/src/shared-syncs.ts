/**
 * Joins concurrent fsyncs of one directory, as a database joins commits: whoever comes while one is running shares the
 * next. A name added before `sync` is called is durable when it resolves.
 */
export class SharedSyncs {
  readonly #running = new Map<string, { done: Promise<void>; next?: Promise<void> }>();

  /** `path` tells directories apart. `sync` may stand for other callers: keep its directory open until this settles. */
  sync(path: string, sync: () => Promise<void>): Promise<void> {
    const running = this.#running.get(path);
    if (!running) return this.#start(path, sync);
    // One that is running may have begun before the caller's name was there: only the next one will do.
    const start = (): Promise<void> => this.#start(path, sync);
    running.next ??= running.done.then(start, start);
    return running.next;
  }

  #start(path: string, sync: () => Promise<void>): Promise<void> {
    const entry: { done: Promise<void>; next?: Promise<void> } = { done: sync() };
    this.#running.set(path, entry);
    const finish = (): void => {
      if (!entry.next) this.#running.delete(path);
    };
    entry.done.then(finish, finish);
    return entry.done;
  }
}
