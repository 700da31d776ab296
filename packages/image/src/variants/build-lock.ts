import { FieldFileError, isFieldFileError, type ObjectVersion } from '@fieldfile/core';
import { type Deriving, lockOf } from '@fieldfile/core/derived';
import type { WriteId } from '@fieldfile/storage';
import { infoIfThere, reported } from '@fieldfile/storage/internal';
import { type BuildLock, durability, heldLock, type LockObject, lockText } from './held-lock.ts';

export interface BuildLockOptions {
  /** A lock that does not change for this long is one of a process that died. */
  readonly staleMs: number;
  /** Longest time to wait for another process. */
  readonly waitMs: number;
  /** Whether another process has made what the lock is for. */
  isDone(): Promise<boolean>;
}

/** What a wait for another process begins with; it doubles, up to half a second. */
const FIRST_WAIT_MS = 25;
const LONGEST_WAIT_MS = 500;

/**
 * Locks a name for all processes: an object beside it that only one can create. Its holder changes it now and then. Who sees
 * it unchanged for too long, by the own clock, takes it over with a compare-and-set, which one of several wins.
 *
 * @returns undefined where another process has made what was to be made.
 * @throws `timeout`.
 */
export async function buildLock(
  of: Deriving,
  name: string,
  options: BuildLockOptions,
): Promise<BuildLock | undefined> {
  const lockName = lockOf(name);
  const begun = performance.now();
  let seen: { readonly version: ObjectVersion; readonly at: number } | undefined;
  for (let waitMs = FIRST_WAIT_MS; ; ) {
    const isStale = seen !== undefined && performance.now() - seen.at >= options.staleMs;
    if (!seen || isStale) {
      const lock = await taken(of, name, seen?.version, options);
      if (lock) {
        if (!(await options.isDone())) return lock;
        await reported(() => lock.release());
        return undefined;
      }
      seen = undefined;
    }
    if (await options.isDone()) return undefined;
    const version = (await infoIfThere(of.storage, lockName))?.version;
    if (version === undefined) {
      seen = undefined;
      continue;
    }
    if (seen?.version !== version) seen = { version, at: performance.now() };
    await pause(Math.min(waitMs * (0.5 + Math.random()), options.staleMs));
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    if (performance.now() - begun > options.waitMs)
      throw new FieldFileError(
        'timeout',
        `${JSON.stringify(name)} is made by another process, and is not there yet.`,
        {
          operation: 'build',
          storage: of.storage.id,
          name,
          retryable: true,
        },
      );
  }
}

/** Creates the lock, or takes over that version of it. Undefined: somebody else has it. */
async function taken(
  of: Deriving,
  name: string,
  version: ObjectVersion | undefined,
  { staleMs }: BuildLockOptions,
): Promise<BuildLock | undefined> {
  const making = await of.begin(name);
  const [writeId] = making.lockWriteIds;
  const lock = { storage: of.storage, name: lockOf(name) };
  try {
    const held = version ? await inherit(lock, version, writeId) : await create(lock, writeId);
    if (held) return heldLock(making, lock, held, staleMs);
    await making.end();
    return undefined;
  } catch (error) {
    await making.leave(error);
    throw error;
  }
}

async function create({ storage, name }: LockObject, writeId: WriteId): Promise<ObjectVersion | undefined> {
  try {
    const { info } = await storage.create(name, lockText(writeId, 0), {
      onTaken: 'fail',
      writeId,
      durability,
    });
    return info.version;
  } catch (error) {
    if (isFieldFileError(error, 'exists')) return undefined;
    throw error;
  }
}

async function inherit(
  { storage, name }: LockObject,
  ifMatch: ObjectVersion,
  writeId: WriteId,
): Promise<ObjectVersion | undefined> {
  try {
    const text = lockText(writeId, 0);
    return (await storage.replace(name, text, { ifMatch, writeId, settles: false, durability })).version;
  } catch (error) {
    if (isFieldFileError(error, 'precondition', 'not-found')) return undefined;
    if (!isFieldFileError(error, 'unsupported')) throw error;
    // A service without conditions: of several that come now two may build. The result is stored once all the same.
    await storage.delete(name);
    return undefined;
  }
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
