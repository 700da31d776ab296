import { type CallOptions, FieldFileError, type Storage, type WriteId } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import { type ComputedValues, computedColumns } from '../field/computed-columns.ts';
import { computedOfObject } from '../field/computed-content.ts';
import type { FileState } from '../field/file-state.ts';
import { intentOf } from './intent.ts';

/** An object that a row is about to name. */
interface Adopted {
  /** For the row's transaction to take, where there is a journal. */
  readonly intent: WriteId | undefined;
  /** The columns that are computed of it. */
  readonly computed: ComputedValues;
}

/**
 * Makes sure that an object which a row is about to name is there, that nobody removes it meanwhile, and that its field takes
 * it, where that computes columns of it.
 *
 * @throws `not-found`; `not-accepted`; `conflict` when somebody may be removing it already.
 */
export async function adopt(
  handle: FileState,
  storage: Storage,
  name: string,
  options: CallOptions,
): Promise<Adopted> {
  const { label, model, computed: computing } = handle.field;
  const { journal } = model.binding ?? {};
  const id = newWriteId();
  await journal?.begin(intentOf(handle, storage, id, 'adopt', name));
  try {
    // An adoption and a removal both write first and read second: at least one of the two sees the other.
    if (await journal?.hasRemover(storage.id, name))
      throw new FieldFileError('conflict', refusal(label, name, storage, 'is being removed from'), {
        ...about(label, name, storage),
        retryable: true,
      });
    if (!(await storage.exists(name, options)))
      throw new FieldFileError(
        'not-found',
        refusal(label, name, storage, 'is not on'),
        about(label, name, storage),
      );
    const values = await computedOfObject(storage, name, handle.field, options);
    return { intent: journal && id, computed: computedColumns(computing, values) };
  } catch (error) {
    await journal?.end(id);
    throw error;
  }
}

const refusal = (label: string, name: string, storage: Storage, why: string): string =>
  `${label} was to adopt ${JSON.stringify(name)}, which ${why} storage "${storage.id}".`;

const about = (field: string, name: string, storage: Storage): object => ({
  operation: 'upload',
  storage: storage.id,
  name,
  field,
});
