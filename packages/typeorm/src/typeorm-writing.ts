import { AsyncLocalStorage } from 'node:async_hooks';

interface Writing {
  readonly inserted: Set<object>;
  running: boolean;
}

/** What TypeORM writes just now on our behalf, and which rows it inserts. */
export class TypeormWriting {
  readonly #writing = new AsyncLocalStorage<Writing>();

  /** Whether this is called in such a write. */
  get running(): boolean {
    return this.#writing.getStore()?.running ?? false;
  }

  /** TypeORM is about to insert it. */
  inserting(row: object): void {
    this.#writing.getStore()?.inserted.add(row);
  }

  /** Lets TypeORM write rows. @param written is told which it inserted, also where it failed. */
  async run<T>(write: () => Promise<T>, written?: (inserted: ReadonlySet<object>) => void): Promise<T> {
    const writing: Writing = { inserted: new Set(), running: true };
    try {
      return await this.#writing.run(writing, write);
    } finally {
      writing.running = false;
      written?.(writing.inserted);
    }
  }
}
