import { type CallOptions, FieldFileError, isFieldFileError } from '@fieldfile/storage';
import type { Binding } from '../binding/binding.ts';
import type { RowKey } from '../field/row-key.ts';
import { type FileScope, madeWithin } from './file-scope.ts';
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
  const key = field.keyOf(change.handle.ref, owner);
  if (binding && key) return updateRow(binding, key, change, owner, options);
  change.apply(owner);
  if (binding) return; // not inserted yet
  change.written();
  await change.committed();
}

async function updateRow(
  binding: Binding<object>,
  key: RowKey,
  change: StagedChange,
  owner: object | undefined,
  { signal }: CallOptions,
): Promise<void> {
  const { field } = change.handle;
  let hit = false;
  /** Of the transaction at hand, which ends the change from here on. */
  let scope: FileScope | undefined;
  const show = (): void => {
    change.apply(owner);
    change.written();
    scope = binding.scope?.();
    scope?.add(madeWithin(change));
  };
  let cameBack: Readonly<Record<string, unknown>> | undefined;
  try {
    cameBack = await binding.update(key, change.plan.values, {
      expect: { [field.name]: change.handle.columnValue },
      within: async transaction => {
        hit = true;
        await change.take(transaction);
        if (binding.scope?.()) show();
      },
      withinSync(transaction) {
        hit = true;
        change.takeSync(transaction);
      },
      ...(signal ? { signal } : {}),
    });
    if (!cameBack) throw conflict(change);
    if (binding.journal && !hit) throw withinMissing(field.label);
  } catch (error) {
    if (scope) {
      scope.refuseCommit(error); // the row is written
      throw error;
    }
    const perhapsDone = hit || (!binding.journal && !isFieldFileError(error, 'conflict'));
    if (!perhapsDone || !(await turnedOutDone(binding, change, error))) {
      await change.undo();
      throw error;
    }
  }
  if (!scope) show();
  if (owner && cameBack && scope?.outcome !== 'rolled-back') change.showOthers(owner, cameBack);
  if (!scope) await change.committed();
}

const conflict = ({ handle, oldName }: StagedChange): FieldFileError =>
  new FieldFileError(
    'conflict',
    `The row of ${handle.field.label} is gone or has another file than ${JSON.stringify(oldName)}: ` +
      'it was changed meanwhile. Nothing was stored; load the row again.',
    { operation: 'save', field: handle.field.label },
  );

export const withinMissing = (field: string): FieldFileError =>
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
  if (binding.scope?.() || isFieldFileError(error, 'intent-lost', 'transaction-ended')) return false;
  const { name, label } = change.handle.field;
  const newName = change.plan.values[name] || null; // an empty text is no file
  if (newName === change.oldName) return false; // the name tells nothing of the columns beside it
  try {
    if (typeof newName === 'string') return await binding.isReferenced([name], newName, {});
    return change.oldName !== null && !(await binding.isReferenced([name], change.oldName, {}));
  } catch {
    await change.unknown();
    throw new FieldFileError(
      'backend',
      `Whether the row of ${label} was updated is not known: neither object was touched.`,
      { operation: 'save', field: label, applied: 'unknown', cause: error },
    );
  }
}
