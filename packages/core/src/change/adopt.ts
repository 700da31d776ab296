import { type CallOptions, FieldFileError, type Storage, type WriteId } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import type { FileState } from '../field/file-state.ts';
import { intentOf } from './intent.ts';

/**
 * Makes sure that an object which a row is about to name is there, and that nobody removes it meanwhile.
 *
 * @returns the intent for the row's transaction to take, where there is a journal.
 * @throws `not-found`; `conflict` when somebody may be removing it already.
 */
export async function adopt(
  handle: FileState,
  storage: Storage,
  name: string,
  options: CallOptions,
): Promise<WriteId | undefined> {
  const { label, model } = handle.field;
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
  } catch (error) {
    await journal?.end(id);
    throw error;
  }
  return journal && id;
}

const refusal = (label: string, name: string, storage: Storage, why: string): string =>
  `${label} was to adopt ${JSON.stringify(name)}, which ${why} storage "${storage.id}".`;

const about = (field: string, name: string, storage: Storage): object => ({
  operation: 'upload',
  storage: storage.id,
  name,
  field,
});
