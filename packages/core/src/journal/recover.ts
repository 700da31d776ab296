import { type CallOptions, isFieldFileError, type Storage } from '@fieldfile/storage';
import { throwIfAborted } from '@fieldfile/storage/backend';
import { byTimer, findWrite } from '@fieldfile/storage/internal';
import { removeLate, settleClaim, undoClaim, uploadId } from '../claim/claimed-object.ts';
import { removeDerived } from '../derived/derived-removal.ts';
import { markLocations } from './application-marks.ts';
import type { Journal, JournalEntry } from './journal.ts';
import { isReferenced } from './references.ts';
import { removeReplaced } from './remove-replaced.ts';
import { removeUnreferenced } from './remove-unreferenced.ts';
import { storageOf } from './storage-ids.ts';

export interface RecoverOptions extends CallOptions {
  /** Entries worked on at a time. Default: 8. */
  readonly concurrency?: number;
  /** After so many failures an entry is set aside. Default: 20. */
  readonly maxAttempts?: number;
  /** The first wait after a failure is random between 0 and this; it doubles each time, up to an hour. Default: 1. */
  readonly backOffSeconds?: number;
  /** Called for every entry that was finished, postponed or set aside. */
  readonly onEntry?: (event: RecoveredEntry) => void;
}

/**
 * What became of an entry. `'undone'`: an unfinished write was taken back. `'finished'`: a committed change was brought to
 * its end. `'postponed'`: somebody works on it, or it failed and is tried again later. `'unknown-field'`: no model of
 * this process declares its field.
 */
export type Recovery = 'undone' | 'finished' | 'postponed' | 'unknown-field' | 'set-aside';

export interface RecoveredEntry {
  readonly entry: JournalEntry;
  readonly outcome: Recovery;
  readonly error?: unknown;
}

export type RecoverReport = Readonly<Record<Recovery, number>>;

/**
 * Finishes what processes that died left in the journal: takes back what no row was committed for, removes what
 * committed rows no longer name. Looks at pending entries only, never at a bucket's listing. Safe to run at any time,
 * by any number of workers; import the models first, so that the journal knows their fields.
 *
 * @throws what the journal's database throws. A failure on one entry is counted, kept with it and tried again later.
 *
 * @example
 * ```ts
 * import { type Journal, recover } from '@fieldfile/core/journal';
 *
 * export async function start(journal: Journal): Promise<void> {
 *   const { undone, finished } = await recover(journal);
 *   console.log(`${undone} unfinished uploads taken back, ${finished} changes finished`);
 * }
 * ```
 */
export async function recover(journal: Journal, options: RecoverOptions = {}): Promise<RecoverReport> {
  const { concurrency = 8, signal } = options;
  const report = { undone: 0, finished: 0, postponed: 0, 'unknown-field': 0, 'set-aside': 0 };
  for (;;) {
    throwIfAborted(signal, 'recover');
    const entries = await journal.claim(concurrency);
    if (entries.length === 0) return report;
    await Promise.all(
      entries.map(async entry => {
        const recovered = await finish(journal, entry, options);
        report[recovered.outcome]++;
        options.onEntry?.(recovered);
      }),
    );
  }
}

export interface RecoverContinuouslyOptions extends RecoverOptions {
  readonly signal: AbortSignal;
  /** The time between two looks at the journal. Default: 60. */
  readonly everySeconds?: number;
  /** Called after each look. */
  readonly onReport?: (report: RecoverReport) => void;
  /** Called when the journal could not be read (the next look comes as usual), or when a location could not be marked. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Runs {@link recover} again and again until the signal is aborted, which ends it without an error. First it marks the
 * locations of all fields as this application's, for the sweeps of others.
 */
export async function recoverContinuously(
  journal: Journal,
  options: RecoverContinuouslyOptions,
): Promise<void> {
  const { signal, everySeconds = 60, onReport, onError } = options;
  await markLocations(journal, { signal }, error => {
    // Who may not write there keeps no objects there.
    if (!signal.aborted && !isFieldFileError(error, 'permission', 'unsupported')) onError?.(error);
  });
  while (!signal.aborted) {
    try {
      const report = await recover(journal, options);
      onReport?.(report);
    } catch (error) {
      if (!signal.aborted) onError?.(error);
    }
    // Aborted, it ends at once.
    await byTimer(everySeconds * 1000, signal, 'recover').catch(() => {});
  }
}

async function finish(
  journal: Journal,
  entry: JournalEntry,
  options: RecoverOptions,
): Promise<RecoveredEntry> {
  const { maxAttempts = 20, backOffSeconds = 1 } = options;
  try {
    const storage = storageOf(journal.fields, entry);
    if (!storage) {
      await journal.postpone(entry.id, UNKNOWN_AGAIN_MS);
      return { entry, outcome: 'unknown-field' };
    }
    return { entry, outcome: await finishOn(storage, journal, entry, options) };
  } catch (error) {
    if (entry.attempts >= maxAttempts) {
      await journal.setAside(entry.id, error);
      return { entry, outcome: 'set-aside', error };
    }
    const longestMs = Math.min(backOffSeconds * 1000 * 2 ** (entry.attempts - 1), 3_600_000);
    await journal.postpone(entry.id, Math.random() * longestMs, error);
    return { entry, outcome: 'postponed', error };
  }
}

const UNKNOWN_AGAIN_MS = 60_000;
const BUSY_AGAIN_MS = 1_000;

async function finishOn(
  storage: Storage,
  journal: Journal,
  entry: JournalEntry,
  { signal }: CallOptions,
): Promise<Recovery> {
  const { id, kind, state, name, oldName, oldVersion } = entry;
  const call = signal ? { signal } : {};
  if (kind === 'replace' && name !== null) {
    // Whichever bytes the object has: the columns beside its name tell nothing of them, or what was committed.
    const made = await findWrite(storage, name, id, call);
    if (made) await removeReplaced(journal, storage, { ...entry, name }, made.version, call);
    await storage.undo(name, id, { ...call, keepObject: true });
    await removeDerived(journal.fields, storage.id, name, call);
    await journal.end(id);
    return state === 'taken' ? 'finished' : 'undone';
  }
  if (kind === 'derive' && name !== null) {
    const { undoDerived } = await import('../derived/undo-derived.ts'); // most applications derive nothing
    await undoDerived(storage, name, id, call);
    await journal.undone(entry);
    return 'undone';
  }
  // The name of a write that did not come to its end may be another row's: the first one that it was to try.
  const named =
    name !== null &&
    (await isReferenced(journal.fields, storage.id, name, call)) &&
    (state === 'taken' || (await isMade(storage, name, entry, call)));
  // Taken in the row's own transaction, it is committed. Apart from the rows, it was only announced: they tell.
  const committed = named || (state === 'taken' && (name === null || !journal.apart));
  if (name !== null && kind === 'store') {
    if (committed) await storage.settle(name, id, call);
    else await storage.undo(name, id, call);
  }
  if (name !== null && kind === 'claim') {
    if (committed) {
      await settleClaim(storage, name, id, call);
      await removeLate(storage, name, id, call);
    } else await undoClaim(storage, name, id, call);
  }
  const removing = { ...call, version: oldVersion };
  if (oldName !== null && (await removeUnreferenced(journal, storage, oldName, id, removing)) === 'busy') {
    await journal.postpone(id, BUSY_AGAIN_MS);
    return 'postponed';
  }
  // A row that names the object without having taken the intent may be another one's: its own may still come.
  if (committed && (state === 'taken' || journal.apart)) await journal.end(id);
  else await journal.undone(entry);
  return committed ? 'finished' : 'undone';
}

/** Whether the object of that name is the entry's. */
const isMade = async (
  storage: Storage,
  name: string,
  { id, kind }: JournalEntry,
  call: CallOptions,
): Promise<boolean> =>
  (await findWrite(storage, name, kind === 'claim' ? uploadId(id) : id, call)) !== undefined;
