import { AsyncLocalStorage } from 'node:async_hooks';
import type { RowWriting } from '@fieldfile/core/binding';

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

  /**
   * Lets TypeORM write rows.
   *
   * @param before the rows as they were, and `takeBack` is told of what was filled in since: keys, defaults, timestamps.
   */
  async run<T>(
    before: ReadonlyMap<object, object>,
    write: () => Promise<T>,
    takeBack?: RowWriting['takeBack'],
  ): Promise<T> {
    const writing: Writing = { inserted: new Set(), running: true };
    try {
      return await this.#writing.run(writing, write);
    } finally {
      writing.running = false;
      for (const [row, columns] of before)
        if (writing.inserted.has(row)) takeBack?.(row, changed(columns, row));
    }
  }
}

/** The properties of `before` that are others now. */
function changed(before: object, now: object): Record<string, unknown> {
  const columns: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(now)) {
    const was: unknown = Reflect.get(before, column);
    if (was !== value) columns[column] = was;
  }
  return columns;
}
