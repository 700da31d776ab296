import { AsyncLocalStorage } from 'node:async_hooks';
import type { RowsBefore, RowWriting } from '@fieldfile/core/binding';

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

  /** Lets TypeORM write rows. A rollback takes back what was filled in: keys, defaults, timestamps. */
  async run<T>(write: () => Promise<T>, before?: RowsBefore, takeBack?: RowWriting['takeBack']): Promise<T> {
    const writing: Writing = { inserted: new Set(), running: true };
    try {
      return await this.#writing.run(writing, write);
    } finally {
      writing.running = false;
      if (before) for (const row of writing.inserted) takeBack?.(row, before.changed(row));
    }
  }
}
