import { FieldFileError } from '@fieldfile/storage';
import { compareUtf8 } from '@fieldfile/storage/backend';

/**
 * A place in a long list that comes in pages, which moves without a promise where the page has more: in a list of a
 * million, a promise an item would be most of the work and all of the garbage.
 */
export class Cursor<T> {
  /** The item at the place; undefined behind the last. */
  current: T | undefined;
  readonly #pages: AsyncIterator<readonly T[]>;
  readonly #nameOf: (item: T) => string;
  readonly #source: string;
  readonly #strict: boolean;
  #page: readonly T[] = [];
  #index = 0;

  /**
   * @param source what the list is of, for messages.
   * @param strict whether no name may come twice.
   */
  constructor(
    pages: AsyncIterable<readonly T[]>,
    nameOf: (item: T) => string,
    source: string,
    strict: boolean,
  ) {
    this.#pages = pages[Symbol.asyncIterator]();
    this.#nameOf = nameOf;
    this.#source = source;
    this.#strict = strict;
  }

  /**
   * Moves to the next item.
   *
   * @returns a promise where a page must be fetched for it, or nothing.
   * @throws `integrity` where names do not ascend: who merges such lists takes what it has not met for missing.
   */
  advance(): Promise<void> | undefined {
    const last = this.current;
    const next = this.#page[this.#index++];
    if (next === undefined) return this.#turn(last);
    this.#moveTo(next, last);
    return undefined;
  }

  async close(): Promise<void> {
    await this.#pages.return?.();
  }

  async #turn(last: T | undefined): Promise<void> {
    for (;;) {
      const { done, value } = await this.#pages.next();
      this.#page = done ? [] : value;
      this.#index = 1;
      const [next] = this.#page;
      if (next !== undefined) return this.#moveTo(next, last);
      if (!done) continue;
      this.current = undefined;
      return;
    }
  }

  #moveTo(next: T, last: T | undefined): void {
    this.current = next;
    if (last === undefined) return;
    const [name, before] = [this.#nameOf(next), this.#nameOf(last)];
    const order = compareUtf8(name, before);
    if (order > 0 || (order === 0 && !this.#strict)) return;
    throw new FieldFileError(
      'integrity',
      `${this.#source} gives ${JSON.stringify(name)} after ${JSON.stringify(before)}, which is not ascending by UTF-8 bytes: nothing was removed.`,
      { operation: 'sweep', name },
    );
  }
}
