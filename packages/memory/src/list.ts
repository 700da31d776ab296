import type { ListedObject } from '@fieldfile/storage';
import {
  compareUtf8,
  type ListOptions,
  type ListPage,
  type ObjectName,
  throwIfAborted,
} from '@fieldfile/storage/backend';

/**
 * Pages through names sorted in UTF-8 order, an immutable snapshot. `describe` answers undefined for a name that was
 * removed since.
 */
export async function* listSorted(
  names: readonly ObjectName[],
  describe: (name: ObjectName) => ListedObject | undefined,
  { prefix, delimiter, after = '', pageSize, signal }: ListOptions,
): AsyncGenerator<ListPage> {
  let index = firstIndex(names, 0, name => compareUtf8(name, prefix) >= 0 && compareUtf8(name, after) > 0);
  for (;;) {
    throwIfAborted(signal, 'list');
    const objects: ListedObject[] = [];
    const folders: string[] = [];
    while (objects.length + folders.length < pageSize) {
      const name = names[index];
      if (!name?.startsWith(prefix)) break;
      const slash = delimiter ? name.indexOf(delimiter, prefix.length) : -1;
      if (slash < 0) {
        const listed = describe(name);
        if (listed) objects.push(listed);
        index += 1;
      } else {
        const folder = name.slice(0, slash + 1);
        const past = firstIndex(names, index, other => !other.startsWith(folder));
        if (compareUtf8(folder, after) > 0 && names.slice(index, past).some(describe)) folders.push(folder);
        index = past;
      }
    }
    if (objects.length + folders.length > 0) yield { objects, folders };
    if (!names[index]?.startsWith(prefix)) return;
  }
}

/** Binary search from `start`: the first index whose name passes; all names before it fail, all after it pass. */
function firstIndex(
  names: readonly ObjectName[],
  start: number,
  passes: (name: ObjectName) => boolean,
): number {
  let low = start;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passes(names[middle] as ObjectName)) high = middle;
    else low = middle + 1;
  }
  return low;
}
