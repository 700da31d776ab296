import { UploadError } from '../errors/upload-error.ts';
import type { Control } from './control.ts';
import { requireUnchanged } from './unchanged.ts';

export interface Patience {
  /** Tries in a row without a byte that was confirmed. */
  readonly attempts: number;
  /** Before the second try at the most; doubled with each. */
  readonly backOffSeconds: number;
}

const LONGEST_BACK_OFF_SECONDS = 30;

/** Who asks to wait longer is not waited for: the caller is told. */
const LONGEST_WAIT_SECONDS = 300;

/**
 * Does a step until it succeeds. What is passing is tried again: after a random time (so that many browsers do not come back
 * at once) or as long as the server asked. A pause is no try, and nor is the time without a network.
 *
 * @param confirmed how many bytes of what it is about are confirmed. Default: those of the upload.
 * @throws {UploadError} what is not passing, or what was for too long; what the caller aborted with.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export async function attempts<Done>(
  control: Control,
  file: Blob,
  { attempts, backOffSeconds }: Patience,
  step: (signal: AbortSignal) => Promise<Done>,
  confirmed: () => number = () => control.confirmedBytes,
): Promise<Done> {
  let failures = 0;
  let confirmedBytes = confirmed();
  for (;;) {
    await control.running();
    const { signal } = control;
    try {
      return await step(signal);
    } catch (error) {
      control.throwIfAborted();
      if (!(error instanceof UploadError)) {
        if (signal.aborted) continue; // by a pause
        throw error;
      }
      if (error.code === 'network') await requireUnchanged(file);
      failures = confirmed() > confirmedBytes ? 1 : failures + 1;
      confirmedBytes = confirmed();
      const { retryAfterSeconds = 0 } = error;
      if (!error.retryable || retryAfterSeconds > LONGEST_WAIT_SECONDS) throw error;
      if (error.code === 'network' && globalThis.navigator?.onLine === false) {
        failures--;
        await pause(LONGEST_BACK_OFF_SECONDS, signal);
        continue;
      }
      if (failures >= attempts) throw error;
      const mostSeconds = Math.min(LONGEST_BACK_OFF_SECONDS, backOffSeconds * 2 ** (failures - 1));
      await pause(retryAfterSeconds + Math.random() * mostSeconds, signal, retryAfterSeconds === 0);
    }
  }
}

/** Ends early when the upload is paused or aborted, and when there is a network again. */
function pause(seconds: number, signal: AbortSignal, heedsOnline = true): Promise<void> {
  return new Promise(resolve => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      globalThis.removeEventListener?.('online', end);
      resolve();
    };
    const timer = setTimeout(end, seconds * 1000);
    signal.addEventListener('abort', end);
    if (heedsOnline) globalThis.addEventListener?.('online', end);
    if (signal.aborted) end();
  });
}
