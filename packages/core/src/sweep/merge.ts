import { compareUtf8 } from '../names/utf8-order.ts';
import type { ListedObject } from '../storage/backend.ts';
import type { RowName } from './row-names.ts';

/** One name, with what each side has of it. */
export interface Pair {
  readonly name: string;
  readonly object: ListedObject | undefined;
  readonly rows: readonly RowName[];
}

/** Two ascending lists as one, in the memory of one name. */
export async function* merge(
  objects: AsyncIterable<ListedObject>,
  rows: AsyncIterable<RowName>,
): AsyncGenerator<Pair, void, undefined> {
  const objectList = objects[Symbol.asyncIterator]();
  const rowList = rows[Symbol.asyncIterator]();
  try {
    let object = await objectList.next();
    let row = await rowList.next();
    while (!object.done || !row.done) {
      const order = object.done ? 1 : row.done ? -1 : compareUtf8(object.value.key, row.value.name);
      const name: string = order <= 0 ? object.value.key : row.value.name;
      const named: RowName[] = [];
      while (!row.done && row.value.name === name) {
        named.push(row.value);
        row = await rowList.next();
      }
      yield { name, object: order <= 0 ? object.value : undefined, rows: named };
      if (order <= 0) object = await objectList.next();
    }
  } finally {
    await Promise.all([objectList.return?.(), rowList.return?.()]);
  }
}
