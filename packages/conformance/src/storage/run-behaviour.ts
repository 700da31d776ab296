import { isFieldFileError, type Storage } from '@fieldfile/storage';
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
  const { create: whyNot } = settings.lacks;
  const refused = whyNot === undefined ? () => false : watchRefusals(subject.storage);
  try {
    const context = new StorageContext(subject, settings);
    await within(settings.timeLimitMs, behaviour.run(context), behaviour.id);
    await context.nothingLeft();
  } catch (error) {
    // Whatever it went on to say is about an object that could not be there.
    if (whyNot !== undefined && refused()) throw new Skip(whyNot);
    throw error;
  } finally {
    await subject.dispose?.();
  }
}

/** Tells whether the backend has refused to create since, as `unsupported`. */
function watchRefusals(storage: Storage): () => boolean {
  let isRefused = false;
  const noted = (error: unknown): never => {
    isRefused ||= isFieldFileError(error, 'unsupported');
    throw error;
  };
  const { backend } = storage;
  const watched = new Proxy(backend, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') return value;
      if (property !== 'create' && property !== 'copy') return value.bind(target);
      return (...given: unknown[]) => Promise.resolve(value.apply(target, given)).catch(noted);
    },
  });
  Object.defineProperty(storage, 'backend', { value: watched });
  return () => isRefused;
}
