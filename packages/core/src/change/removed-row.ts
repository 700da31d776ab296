import { handlesOf, touchOwner } from '../ownership/owner-record.ts';
import { clearedValues } from './delete-file.ts';
import type { ScopedChange } from './file-scope.ts';

/** Row objects whose row is removed, until they are inserted again. */
const removed = new WeakSet<object>();

/**
 * A row object whose row is removed: once that is committed its files are empty, so that the row object can be inserted
 * anew and names nothing that is gone. It reaches the row weakly.
 */
export function removedRow(row: object): ScopedChange {
  const { ref } = touchOwner(row);
  removed.add(row);
  const nothing = async (): Promise<void> => {};
  const restore = (): void => {
    const owner = ref.deref();
    if (owner) removed.delete(owner);
  };
  return {
    async committed() {
      const owner = ref.deref();
      if (!owner || !removed.delete(owner)) return;
      ref.key = undefined;
      for (const handle of handlesOf(owner)) {
        handle.ref.key = undefined;
        if (handle.change?.kind !== 'staged') handle.field.writeColumns(handle, owner, clearedValues(handle));
      }
    },
    restore,
    rolledBack: nothing,
    unknown: nothing,
    rewind: async () => restore(),
  };
}

/** The row object stands for a row again. */
export function insertedAgain(row: object): void {
  removed.delete(row);
}
