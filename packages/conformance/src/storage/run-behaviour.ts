import { isFieldFileError } from '@fieldfile/storage';
import { Skip } from '../contract/behaviour.ts';
import { within } from '../contract/within.ts';
import { type StorageBehaviour, StorageContext } from './context.ts';
import type { StorageContractSettings } from './options.ts';

/** Runs one behaviour on a storage of its own. Whatever the behaviour is about, it leaves nothing beside its objects. */
export async function runBehaviour(
  behaviour: StorageBehaviour,
  settings: StorageContractSettings,
): Promise<void> {
  const subject = await settings.create();
  try {
    const context = new StorageContext(subject, settings);
    await within(settings.timeLimitMs, behaviour.run(context), behaviour.id);
    await context.nothingLeft();
  } catch (error) {
    const { create } = settings.lacks;
    if (create !== undefined && isForWantOfCreating(error)) throw new Skip(create);
    throw error;
  } finally {
    await subject.dispose?.();
  }
}

/** Also as what an assertion met instead of what it had expected. */
function isForWantOfCreating(error: unknown): boolean {
  if (isFieldFileError(error, 'unsupported'))
    return ['create', 'copy', 'move'].includes(error.operation ?? '');
  const { actual, cause } = (error ?? {}) as { readonly actual?: unknown; readonly cause?: unknown };
  return [actual, cause].some(one => isFieldFileError(one) && isForWantOfCreating(one));
}
