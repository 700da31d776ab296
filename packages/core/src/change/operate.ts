import { releaseFrames } from '@fieldfile/storage/internal';
import type { Handle } from '../field/handle.ts';
import { ofField } from '../field/of-field.ts';
import { OwnerCollectedError } from '../ownership/owner-collected-error.ts';
import { pinned } from '../ownership/pin.ts';

/**
 * Runs a writing operation on a handle: the row is resolved first and kept until the operation settles, operations on
 * one handle run one after another, and nothing that remains afterwards reaches the row.
 *
 * @throws `owner-collected` where the row is gone and nothing can update it.
 */
export async function operate(
  handle: Handle,
  operation: string,
  run: (owner: object | undefined) => Promise<void>,
): Promise<void> {
  const owner = handle.ref.deref();
  const { model, name } = handle.field;
  if (!owner && !(model.binding && handle.ref.key))
    throw new OwnerCollectedError(operation, model.name, name, handle.ref.key, model.binding !== undefined);
  try {
    await pinned(owner, () => enqueue(handle, () => run(owner)));
  } catch (error) {
    throw releaseFrames(ofField(error, handle.field.label));
  }
}

function enqueue(handle: Handle, run: () => Promise<void>): Promise<void> {
  const mine = handle.tail ? handle.tail.then(run) : run();
  const tail = mine.then(
    () => forget(),
    () => forget(),
  );
  const forget = (): void => {
    if (handle.tail === tail) handle.tail = undefined;
  };
  handle.tail = tail;
  return mine;
}
