import type { CallOptions } from '@fieldfile/storage';
import type { ColumnValues } from '../binding/binding.ts';
import type { Handle } from '../field/handle.ts';
import { whenFree } from '../field/held-object.ts';
import { operate } from './operate.ts';
import { persist } from './persist.ts';
import { StagedChange } from './staged-change.ts';

/** `handle.delete`: with a binding the row first, so that no row ever names an object that is gone. */
export async function deleteFile(handle: Handle, options: CallOptions): Promise<void> {
  if (isEmpty(handle) && !handle.tail) return;
  await operate(handle, 'delete', async owner => {
    if (isEmpty(handle)) return;
    const change = new StagedChange(handle, owner, {
      storage: handle.field.storage,
      values: clearedValues(handle),
    });
    const { binding } = handle.field.model;
    const { oldName, plan } = change;
    if (!binding && oldName !== null)
      await whenFree(plan.storage.id, oldName, () => plan.storage.delete(oldName, options));
    await persist(change, owner, options);
  });
}

const isEmpty = (handle: Handle): boolean => handle.value === null && !handle.change;

/** The columns of a row without a file. */
export function clearedValues({ field }: Handle): ColumnValues {
  const beside = Object.values(field.columns).map(column => [column, null]);
  return Object.fromEntries([[field.name, field.empty], ...beside]);
}
