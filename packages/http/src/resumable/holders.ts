/** One request at work on an upload. */
export interface Hold extends Disposable {
  /** Aborted when another one wants to go on: what came so far is kept, and no more is read. */
  readonly signal: AbortSignal;
}

interface Holder {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** The last one of each upload in this process. Those of other processes find out when they write down how far they are. */
const holders = new Map<string, Holder>();

/** Stops who is at work on an upload in this process, and waits until that has kept what came. */
export async function takeOver(upload: string): Promise<Hold> {
  const before = holders.get(upload);
  const stop = new AbortController();
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const holder: Holder = { stop, ended };
  holders.set(upload, holder); // whoever comes next waits for this one
  before?.stop.abort();
  await before?.ended;
  return {
    signal: stop.signal,
    [Symbol.dispose]() {
      if (holders.get(upload) === holder) holders.delete(upload);
      resolve();
    },
  };
}
