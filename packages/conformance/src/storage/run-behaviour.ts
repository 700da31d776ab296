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
  } finally {
    await subject.dispose?.();
  }
}
