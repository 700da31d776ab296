/** A browser makes six requests to one host at a time, and what waits for its turn looks as if nothing moved. */
const AT_ONCE = 4;

let running = 0;
const waiting: (() => void)[] = [];

/** Does the work when it is its turn: of all uploads of the page, so many parts are on their way. */
export async function inTurn<Done>(signal: AbortSignal, work: () => Promise<Done>): Promise<Done> {
  while (running >= AT_ONCE && !signal.aborted)
    await new Promise<void>(resolve => {
      waiting.push(resolve);
    });
  try {
    signal.throwIfAborted();
  } catch (error) {
    waiting.shift()?.();
    throw error;
  }
  running++;
  try {
    return await work();
  } finally {
    running--;
    waiting.shift()?.();
  }
}
