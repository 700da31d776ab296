import { isFieldFileError, type SaveObjectOptions, type Storage, type WriteId } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import { reported } from '@fieldfile/storage/internal';
import type { FileState } from '../field/file-state.ts';
import type { Intent, Journal } from '../journal/journal.ts';

/** How a storage is told to keep the journal. */
export type JournaledWrite = Pick<SaveObjectOptions, 'writeId' | 'onCandidate'>;

/**
 * Stores an object with an intent in the journal from before its first byte, committed anew for every name that is
 * tried. A failure ends the intent where nothing can be left of the write, and leaves it to recovery otherwise.
 *
 * @returns what `store` gave, and the intent that its row's transaction is to take.
 */
export async function withIntent<T>(
  handle: Pick<FileState, 'field' | 'ref'>,
  storage: Storage,
  store: (journaled: JournaledWrite) => Promise<T>,
  kind: 'store' | 'claim' = 'store',
): Promise<{ readonly stored: T; readonly intent: WriteId | undefined }> {
  const { journal } = handle.field.model.binding ?? {};
  if (!journal) return { stored: await store({}), intent: undefined };
  const id = newWriteId();
  let begun = false;
  const onCandidate = async (name: string): Promise<void> => {
    if (begun) return journal.rename(id, name);
    await journal.begin(intentOf(handle, storage, id, kind, name));
    begun = true;
  };
  try {
    return { stored: await store({ writeId: id, onCandidate }), intent: id };
  } catch (error) {
    if (begun) await reported(() => settleFailure(journal, id, error));
    throw error;
  }
}

/** Ends the intent of a write that is over; where its error leaves open what it has done, recovery looks after it. */
export function settleFailure(journal: Journal, id: WriteId, error: unknown): Promise<void> {
  const certain = !isFieldFileError(error) || error.applied !== 'unknown';
  return certain ? journal.end(id) : journal.postpone(id, 0, error);
}

/** What is written down before a storage is asked for anything. */
export function intentOf(
  { field, ref }: Pick<FileState, 'field' | 'ref'>,
  storage: Storage,
  id: WriteId,
  kind: Intent['kind'],
  name: string,
): Intent {
  const { model, name: column } = field;
  return { id, kind, storage: storage.id, name, model: model.name, field: column, key: ref.key ?? null };
}
