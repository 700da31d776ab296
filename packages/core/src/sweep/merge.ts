import type { ListedObject } from '@fieldfile/storage';
import { compareUtf8 } from '@fieldfile/storage/backend';
import type { Cursor } from './cursor.ts';
import type { RowName } from './row-names.ts';

/** One name, with what each side has of it. */
export interface Pair {
  readonly name: string;
  readonly object: ListedObject | undefined;
  readonly rows: readonly RowName[];
}

/**
 * Walks ascending lists together, in the memory of one name.
 *
 * @param visit called for every name. If it gives a promise, that is awaited.
 */
export async function merge(
  objects: Cursor<ListedObject>,
  rows: readonly Cursor<RowName>[],
  visit: (pair: Pair) => Promise<void> | undefined,
): Promise<void> {
  const all = [objects, ...rows];
  try {
    for (const cursor of all) await cursor.advance();
    for (;;) {
      const name = least(objects, rows);
      if (name === undefined) return;
      const named: RowName[] = [];
      for (const cursor of rows)
        while (cursor.current?.name === name) {
          named.push(cursor.current);
          const turning = cursor.advance();
          if (turning) await turning;
        }
      const object = objects.current?.name === name ? objects.current : undefined;
      const visiting = visit({ name, object, rows: named });
      if (visiting) await visiting;
      const turning = object && objects.advance();
      if (turning) await turning;
    }
  } finally {
    await Promise.all(all.map(cursor => cursor.close()));
  }
}

function least(objects: Cursor<ListedObject>, rows: readonly Cursor<RowName>[]): string | undefined {
  let name: string | undefined = objects.current?.name;
  for (const { current } of rows)
    if (current && (name === undefined || compareUtf8(current.name, name) < 0)) name = current.name;
  return name;
}
