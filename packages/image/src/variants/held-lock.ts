import type { Making } from '@fieldfile/core/derived';
import type { ObjectVersion, Storage, WriteId } from '@fieldfile/storage';

/** After a power cut nobody has it. */
export const durability = 'process-crash';

/** A lock that this process has. */
export interface BuildLock {
  /** What is made under it. */
  readonly making: Making;
  /** @throws where the lock may have stayed: recovery looks after it then. */
  release(): Promise<void>;
}

/** The object that is the lock. */
export interface LockObject {
  readonly storage: Storage;
  readonly name: string;
}

/**
 * Changes the lock now and then, which shows that its holder is alive, until it is released. Each change is written by
 * another write id than the one before, and keeps what it is undone by: so one of the two undoes the lock at any time.
 */
export function heldLock(
  making: Making,
  { storage, name }: LockObject,
  created: ObjectVersion,
  staleMs: number,
): BuildLock {
  let version = created;
  let [current, next] = making.lockWriteIds;
  const used = new Set<WriteId>([current]);
  let beats = 0;
  let beating: Promise<void> = Promise.resolve();
  const beat = async (): Promise<void> => {
    try {
      used.add(next);
      const text = lockText(next, ++beats);
      const options = { ifMatch: version, writeId: next, settles: false, durability } as const;
      ({ version } = await storage.replace(name, text, options));
      await storage.settle(name, current);
      used.delete(current);
      [current, next] = [next, current];
    } catch {
      clearInterval(timer); // somebody took it over, or nobody can tell: what is made is stored once all the same
    }
  };
  const timer = setInterval(() => {
    beating = beating.then(beat);
  }, staleMs / 3);
  timer.unref();
  return {
    making,
    async release() {
      clearInterval(timer);
      await beating;
      try {
        for (const writeId of used) await storage.undo(name, writeId, { durability });
      } catch (error) {
        await making.leave(error);
        throw error;
      }
      await making.end();
    },
  };
}

/** Other bytes each time: some services make the version of the bytes. */
export const lockText = (writeId: WriteId, beat: number): string => JSON.stringify({ writeId, beat });
