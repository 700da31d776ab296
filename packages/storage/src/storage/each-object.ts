import type { ListedObject, ListPage } from './backend.ts';

/**
 * The objects of pages, one by one; a page is asked for when the one before it is used up.
 *
 * A generator with `yield*` would be this in one line, at three times the cost: it is what a long listing spends most
 * of its own time on.
 */
export function eachObject(
  pages: AsyncGenerator<ListPage, void, undefined>,
): AsyncGenerator<ListedObject, void, undefined> {
  let objects: readonly ListedObject[] = [];
  let index = 0;
  let turning: Promise<boolean> | undefined;

  /** One page for all who ask at the same time. @returns false after the last. */
  const turn = (): Promise<boolean> => {
    turning ??= pages
      .next()
      .then(({ done, value }) => {
        objects = value?.objects ?? [];
        index = 0;
        return !done;
      })
      .finally(() => {
        turning = undefined;
      });
    return turning;
  };

  return {
    async next() {
      for (;;) {
        const object = objects[index];
        if (object) {
          index++;
          return { done: false, value: object };
        }
        if (!(await turn())) return { done: true, value: undefined };
      }
    },
    async return() {
      objects = [];
      return pages.return() as Promise<IteratorReturnResult<void>>;
    },
    async throw(error) {
      objects = [];
      return pages.throw(error) as Promise<IteratorReturnResult<void>>;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await this.return();
    },
  };
}
