import { isFieldFileError, type Storage } from '@fieldfile/storage';
import { Skip } from '../contract/behaviour.ts';
import { within } from '../contract/within.ts';
import { type StorageBehaviour, StorageContext } from './context.ts';
import type { StorageContractSettings, StorageUnderTest } from './options.ts';

/** Runs one behaviour on a storage of its own. Whatever the behaviour is about, it leaves nothing beside its objects. */
export async function runBehaviour(
  behaviour: StorageBehaviour,
  settings: StorageContractSettings,
): Promise<void> {
  const subject = await settings.create();
  const { create: whyNot } = settings.lacks;
  const refusals = { seen: false };
  const watched = whyNot === undefined ? subject : watchRefusals(subject, refusals);
  try {
    const context = new StorageContext(watched, settings);
    await within(settings.timeLimitMs, behaviour.run(context), behaviour.id);
    await context.nothingLeft();
  } catch (error) {
    // Whatever it went on to say is about an object that could not be there.
    if (whyNot !== undefined && refusals.seen) throw new Skip(whyNot);
    throw error;
  } finally {
    await subject.dispose?.();
  }
}

/** The subject, whose clients note when the service has refused to create as `unsupported`. */
function watchRefusals(subject: StorageUnderTest, refusals: { seen: boolean }): StorageUnderTest {
  const noted = (error: unknown): never => {
    refusals.seen ||= isFieldFileError(error, 'unsupported');
    throw error;
  };
  const watch = (storage: Storage): Storage => {
    const watched = new Proxy(storage.backend, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== 'function') return value;
        if (property !== 'create' && property !== 'copy') return value.bind(target);
        return (...given: unknown[]) => Promise.resolve(value.apply(target, given)).catch(noted);
      },
    });
    return Object.defineProperty(storage, 'backend', { value: watched });
  };
  watch(subject.storage);
  const reopen = subject.reopen?.bind(subject);
  return Object.create(subject, reopen ? { reopen: { value: async () => watch(await reopen()) } } : {});
}
