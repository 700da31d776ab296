import { FieldFileError, isFieldFileError, type ObjectVersion, type Storage } from '@fieldfile/core';
import type { Deriving } from '@fieldfile/core/derived';

export interface BuildLockOptions {
  /** A lock that does not change for this long is one of a process that died. */
  readonly staleMs: number;
  /** Longest time to wait for another process. */
  readonly waitMs: number;
  /** Whether another process has made what the lock is for. */
  isDone(): Promise<boolean>;
}

/** A lock that this process has. */
export interface BuildLock {
  release(): Promise<void>;
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
  const lockName = `${name}.lock`;
  const begun = performance.now();
  let seen: { readonly version: ObjectVersion; readonly at: number } | undefined;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    const created = await taken(of, lockName, undefined, options);
    if (created) {
      if (!(await options.isDone())) return created;
      await created.release();
      return undefined;
    }
    if (await options.isDone()) return undefined;
    const version = await versionOf(of.storage, lockName);
    if (version === undefined) continue;
    if (seen?.version !== version) seen = { version, at: performance.now() };
    if (performance.now() - seen.at >= options.staleMs) {
      const inherited = await taken(of, lockName, version, options);
      if (inherited) return inherited;
    } else await pause(waitMs * (0.5 + Math.random()));
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
  lockName: string,
  version: ObjectVersion | undefined,
  { staleMs }: BuildLockOptions,
): Promise<BuildLock | undefined> {
  const { writeId, end } = await of.begin(lockName);
  try {
    const held = version
      ? await inherit(of.storage, lockName, version, writeId)
      : await create(of, lockName, writeId);
    if (held) return kept(of.storage, lockName, { version: held, writeId, end, staleMs });
    await end();
    return undefined;
  } catch (error) {
    await end();
    throw error;
  }
}

type WriteId = Awaited<ReturnType<Deriving['begin']>>['writeId'];

async function create(
  { storage }: Deriving,
  lockName: string,
  writeId: WriteId,
): Promise<ObjectVersion | undefined> {
  try {
    const { info } = await storage.create(lockName, textOf(writeId, 0), { onTaken: 'fail', writeId });
    return info.version;
  } catch (error) {
    if (isFieldFileError(error, 'exists')) return undefined;
    throw error;
  }
}

async function inherit(
  storage: Storage,
  lockName: string,
  ifMatch: ObjectVersion,
  writeId: WriteId,
): Promise<ObjectVersion | undefined> {
  try {
    return (await storage.replace(lockName, textOf(writeId, 0), { ifMatch, writeId })).version;
  } catch (error) {
    if (isFieldFileError(error, 'precondition', 'not-found')) return undefined;
    if (!isFieldFileError(error, 'unsupported')) throw error;
    // A service without conditions: of several that come now two may build. The result is stored once all the same.
    await storage.delete(lockName);
    return undefined;
  }
}

interface Held {
  version: ObjectVersion;
  readonly writeId: WriteId;
  end(): Promise<void>;
  readonly staleMs: number;
}

/** Shows that its holder is alive, until it is released. */
function kept(storage: Storage, lockName: string, held: Held): BuildLock {
  let beats = 0;
  let beating: Promise<void> = Promise.resolve();
  const beat = async (): Promise<void> => {
    try {
      const text = textOf(held.writeId, ++beats);
      held.version = (await storage.replace(lockName, text, { ifMatch: held.version })).version;
    } catch {
      clearInterval(timer); // somebody took it over, or nobody can tell: what is made is stored once all the same
    }
  };
  const timer = setInterval(() => {
    beating = beating.then(beat);
  }, held.staleMs / 3);
  timer.unref();
  return {
    async release() {
      clearInterval(timer);
      await beating;
      await removed(storage, lockName, held.version);
      await storage.undo(lockName, held.writeId); // also what a write leaves beside its object
      await held.end();
    },
  };
}

async function removed(storage: Storage, lockName: string, ifMatch: ObjectVersion): Promise<void> {
  try {
    await storage.delete(lockName, { ifMatch });
  } catch (error) {
    if (isFieldFileError(error, 'unsupported')) return storage.delete(lockName);
    if (!isFieldFileError(error, 'precondition', 'not-found')) throw error;
  }
}

async function versionOf(storage: Storage, name: string): Promise<ObjectVersion | undefined> {
  try {
    return (await storage.info(name)).version;
  } catch (error) {
    if (isFieldFileError(error, 'not-found')) return undefined;
    throw error;
  }
}

/** Other bytes each time: some services make the version of the bytes. */
const textOf = (writeId: string, beat: number): string => JSON.stringify({ writeId, beat });

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
