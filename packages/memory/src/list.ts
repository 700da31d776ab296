import type { ListedObject } from '@fieldfile/storage';
import {
  compareUtf8,
  type ListOptions,
  type ListPage,
  type ObjectKey,
  throwIfAborted,
} from '@fieldfile/storage/backend';

/**
 * Pages through keys sorted in UTF-8 order, an immutable snapshot. `describe` answers undefined for a key that was
 * removed since.
 */
export async function* listSorted(
  keys: readonly ObjectKey[],
  describe: (key: ObjectKey) => ListedObject | undefined,
  { prefix, delimiter, after = '', pageSize, signal }: ListOptions,
): AsyncGenerator<ListPage> {
  let index = firstIndex(keys, 0, key => compareUtf8(key, prefix) >= 0 && compareUtf8(key, after) > 0);
  for (;;) {
    throwIfAborted(signal, 'list');
    const objects: ListedObject[] = [];
    const folders: string[] = [];
    while (objects.length + folders.length < pageSize) {
      const key = keys[index];
      if (!key?.startsWith(prefix)) break;
      const slash = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
      if (slash < 0) {
        const listed = describe(key);
        if (listed) objects.push(listed);
        index += 1;
      } else {
        const folder = key.slice(0, slash + 1);
        const past = firstIndex(keys, index, other => !other.startsWith(folder));
        if (compareUtf8(folder, after) > 0 && keys.slice(index, past).some(describe)) folders.push(folder);
        index = past;
      }
    }
    if (objects.length + folders.length > 0) yield { objects, folders };
    if (!keys[index]?.startsWith(prefix)) return;
  }
}

/** Binary search from `start`: the first index whose key passes; all keys before it fail, all after it pass. */
function firstIndex(keys: readonly ObjectKey[], start: number, passes: (key: ObjectKey) => boolean): number {
  let low = start;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passes(keys[middle] as ObjectKey)) high = middle;
    else low = middle + 1;
  }
  return low;
}
