import { type CallOptions, FieldFileError, isFieldFileError } from '@fieldfile/storage';
import type { Binding, RowKey } from '../binding/binding.ts';
import { madeWithin } from './file-scope.ts';
import type { StagedChange } from './staged-change.ts';

/**
 * Brings a change into its row: by key through the binding, else into the live row only, which is then the caller's to
 * persist. A row that is not inserted yet takes the change when it is.
 *
 * @throws `conflict` when no row has the key and the name the handle knew; the stored object is undone.
 */
export async function persist(
  change: StagedChange,
  owner: object | undefined,
  options: CallOptions,
): Promise<void> {
  const { field } = change.handle;
  const { binding } = field.model;
  const key = field.keyOf(change.handle, owner);
  if (binding && !key) return change.apply(owner);
  const cameBack = binding && key ? await updateRow(binding, key, change, options) : undefined;
  change.apply(owner);
  change.written();
  if (owner && cameBack) change.showOthers(owner, cameBack);
  const scope = binding?.scope?.();
  if (scope) scope.add(madeWithin(change));
  else await change.committed();
}

async function updateRow(
  binding: Binding<object>,
  key: RowKey,
  change: StagedChange,
  options: CallOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const { field } = change.handle;
  const { signal } = options;
  let taken = false;
  try {
    const expect = { [field.name]: change.handle.columnValue };
    const cameBack = await binding.update(key, change.plan.values, {
      expect,
      within: async transaction => {
        taken = true;
        await change.take(transaction);
      },
      ...(signal ? { signal } : {}),
    });
    if (cameBack && (taken || !binding.journal)) return cameBack;
    if (cameBack) throw withinMissing(field.label);
  } catch (error) {
    const perhapsDone = taken || !binding.journal;
    if (perhapsDone && (await turnedOutDone(binding, change, error))) return {};
    await change.giveUp();
    throw error;
  }
  await change.giveUp();
  throw new FieldFileError(
    'conflict',
    `The row of ${field.label} is gone or has another file than ${JSON.stringify(change.oldName)}: ` +
      'it was changed meanwhile. Nothing was stored; load the row again.',
    { operation: 'save', field: field.label },
  );
}

const withinMissing = (field: string): FieldFileError =>
  new FieldFileError(
    'invalid-argument',
    `The binding of ${field} has a journal, and its update does not run \`within\`: its rows and objects would come apart.`,
    { operation: 'save', field },
  );

/**
 * Whether an update that failed was made all the same (its answer was lost). Inside a transaction it was not: a failed
 * statement takes the transaction with it.
 */
async function turnedOutDone(
  binding: Binding<object>,
  change: StagedChange,
  error: unknown,
): Promise<boolean> {
  if (binding.scope?.() || isFieldFileError(error, 'intent-lost')) return false;
  const { name, label } = change.handle.field;
  const newName = change.plan.values[name];
  if (newName === change.oldName) return false; // the name tells nothing of the columns beside it
  try {
    if (typeof newName === 'string') return await binding.isReferenced(name, newName, {});
    return change.oldName !== null && !(await binding.isReferenced(name, change.oldName, {}));
  } catch {
    await change.unknown();
    throw new FieldFileError(
      'backend',
      `Whether the row of ${label} was updated is not known: neither object was touched.`,
      { operation: 'save', field: label, applied: 'unknown', cause: error },
    );
  }
}
