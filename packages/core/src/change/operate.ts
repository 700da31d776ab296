import { FieldFileError, isFieldFileError } from '@fieldfile/storage';
import { releaseContent, releaseFrames } from '@fieldfile/storage/internal';
import type { FileState } from '../field/file-state.ts';
import { ofField } from '../field/of-field.ts';
import { OwnerCollectedError } from '../ownership/owner-collected-error.ts';
import { pinned } from '../ownership/pin.ts';

/**
 * Runs a writing operation on a handle: the row is resolved first and kept until the operation settles, operations on
 * one handle run one after another, and nothing that remains afterwards reaches the row.
 *
 * @throws `owner-collected` where the row is gone and nothing can update it; `invalid-argument` where nothing can write it.
 */
export async function operate(
  handle: FileState,
  operation: string,
  run: (owner: object | undefined) => Promise<void>,
): Promise<void> {
  const owner = handle.ref.deref();
  const { model, name } = handle.field;
  if (!owner && !(model.binding && handle.ref.key))
    throw new OwnerCollectedError(operation, model.name, name, handle.ref.key, model.binding !== undefined);
  if (owner) refuseUnwritable(handle, owner, operation);
  const start = (): Promise<void> => pinned(owner, () => inTurn(handle, () => run(owner)));
  try {
    await (model.binding?.joined ? model.binding.joined(start) : start());
  } catch (error) {
    throw releaseFrames(ofField(error, handle.field.label));
  }
}

/** @throws `invalid-argument` for a row object that nothing could write the file into: it would seem to be saved. */
function refuseUnwritable(handle: FileState, owner: object, operation: string): void {
  const { field } = handle;
  const { binding, name: model } = field.model;
  if (binding ? field.keyOf(handle.ref, owner) || binding.isNew?.(owner) !== false : field.isWritable(owner))
    return;
  const why = binding
    ? `was selected without its key (${field.model.keyColumns()?.join(', ')}): select it, too`
    : 'is frozen or read-only: use a copy of it, or a binding, which updates the row by its key';
  throw new FieldFileError(
    'invalid-argument',
    `The row of ${model} ${why} (${operation} of ${field.label}).`,
    {
      operation,
      field: field.label,
    },
  );
}

/** Runs what has to wait for what was begun before it, however that ends. */
export function inTurn(
  queue: { tail?: Promise<unknown> | undefined },
  run: () => Promise<void>,
): Promise<void> {
  const mine = queue.tail ? queue.tail.then(run) : run();
  const tail = mine.then(
    () => forget(),
    () => forget(),
  );
  const forget = (): void => {
    if (queue.tail === tail) queue.tail = undefined;
  };
  queue.tail = tail;
  return mine;
}

/** Runs a write, which takes over its content: what was refused is let go of, so that no file or socket stays open. */
export async function owningContent<T>(content: unknown, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isFieldFileError(error, 'content-consumed')) releaseContent(content); // else somebody else reads it
    throw error;
  }
}
