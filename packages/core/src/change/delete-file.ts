import type { CallOptions } from '@fieldfile/storage';
import type { ColumnValues } from '../binding/binding.ts';
import { removeDerived } from '../derived/derived-removal.ts';
import type { FileState } from '../field/file-state.ts';
import { whenFree } from '../field/held-object.ts';
import { requireVouched } from '../field/vouched-name.ts';
import { isReferenced } from '../journal/references.ts';
import { handlesOf } from '../ownership/owner-record.ts';
import { operate } from './operate.ts';
import { persist } from './persist.ts';
import { StagedChange } from './staged-change.ts';

/** `handle.delete`: with a binding the row first, so that no row ever names an object that is gone. */
export async function deleteFile(handle: FileState, options: CallOptions): Promise<void> {
  if (isEmpty(handle) && !handle.tail) return;
  await operate(handle, 'delete', async owner => {
    if (isEmpty(handle)) return;
    if (handle.value !== handle.field.default) requireVouched(handle, 'delete'); // a default stays anyway
    const change = new StagedChange(handle, owner, {
      storage: handle.field.storage,
      values: clearedValues(handle),
    });
    const { binding } = handle.field.model;
    const { oldName, plan } = change;
    if (!binding && oldName !== null && !(await isNamedElsewhere(handle, owner, oldName)))
      await whenFree(plan.storage.id, oldName, async () => {
        await plan.storage.delete(oldName, options);
        await removeDerived([handle.field], plan.storage.id, oldName, options);
      });
    await persist(change, owner, options);
  });
}

const isEmpty = (handle: FileState): boolean => handle.value === null && !handle.change;

/** Whether another file of the row shows the object, a row that this process can ask for names it, or it is a default. */
async function isNamedElsewhere(
  handle: FileState,
  owner: object | undefined,
  name: string,
): Promise<boolean> {
  const { id } = handle.field.storage;
  for (const other of owner ? handlesOf(owner) : [])
    if (other !== handle && other.value === name && other.field.storage.id === id) return true;
  return isReferenced([handle.field], id, name);
}

/** The columns of a row without a file. */
export function clearedValues({ field }: FileState): ColumnValues {
  const beside = Object.values(field.columns).map(column => [column, null]);
  return Object.fromEntries([[field.name, field.empty], ...beside]);
}
