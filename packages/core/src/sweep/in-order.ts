import { FieldFileError } from '../errors/field-file-error.ts';
import { compareUtf8 } from '../names/utf8-order.ts';

/**
 * Passes items on, as long as they ascend: a merge of lists that do not would take what it has not met for missing.
 *
 * @param strict whether two may not be the same.
 * @throws `integrity` naming the two that are out of order.
 */
export async function* inOrder<T>(
  items: AsyncIterable<T>,
  nameOf: (item: T) => string,
  source: string,
  strict: boolean,
): AsyncGenerator<T, void, undefined> {
  let last: string | undefined;
  for await (const item of items) {
    const name = nameOf(item);
    const order = last === undefined ? 1 : compareUtf8(name, last);
    if (order < 0 || (strict && order === 0))
      throw new FieldFileError(
        'integrity',
        `${source} gives ${JSON.stringify(name)} after ${JSON.stringify(last)}, which is not ascending by UTF-8 bytes: nothing was removed.`,
        { operation: 'sweep', name },
      );
    last = name;
    yield item;
  }
}
