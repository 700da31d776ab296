import type { IncomingMessage } from 'node:http';
import { discard } from './discard.ts';

/** In all. */
const AT_MOST_MS = 10_000;
/** In which nothing comes. */
const SILENCE_MS = 2_000;

/** Reads what is left of a request and throws it away, until it ends, falls silent, or has gone on for too long. */
export function drain(incoming: IncomingMessage): Promise<void> {
  if (incoming.complete || incoming.destroyed) return Promise.resolve();
  return new Promise(resolve => {
    const settle = (): void => {
      clearTimeout(silence);
      clearTimeout(end);
      stop();
      incoming.off('end', settle).off('close', settle).off('error', settle);
      resolve();
    };
    const silence = setTimeout(settle, SILENCE_MS);
    const end = setTimeout(settle, AT_MOST_MS);
    const stop = discard(incoming, () => void silence.refresh());
    incoming.once('end', settle).once('close', settle).once('error', settle);
  });
}
