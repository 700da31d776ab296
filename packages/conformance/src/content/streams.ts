/** A stream that gives what it has, then nothing more, until it is told to stop. */
export interface HangingStream extends AsyncIterable<Uint8Array> {
  /** Resolves when everything was taken and more is asked for. */
  readonly hanging: Promise<void>;
  /** Resolves when the reader let go of the stream. */
  readonly stopped: Promise<void>;
}

export function hangingStream(head: Uint8Array = new Uint8Array(1000)): HangingStream {
  const hanging = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  let given = false;
  return {
    hanging: hanging.promise,
    stopped: stopped.promise,
    [Symbol.asyncIterator]: () => ({
      next() {
        if (!given) {
          given = true;
          return Promise.resolve({ done: false, value: head });
        }
        hanging.resolve();
        return new Promise(() => {});
      },
      async return() {
        stopped.resolve();
        return { done: true, value: undefined };
      },
    }),
  };
}

/** A stream that pauses half-way until its gate is opened. */
export interface GatedStream extends AsyncIterable<Uint8Array> {
  /** Resolves when the first half was taken and more is asked for. */
  readonly halfWay: Promise<void>;
  readonly open: () => void;
}

export function gatedStream(bytes: Uint8Array): GatedStream {
  const halfWay = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const middle = Math.floor(bytes.byteLength / 2);
  return {
    halfWay: halfWay.promise,
    open: gate.resolve,
    async *[Symbol.asyncIterator]() {
      yield bytes.subarray(0, middle);
      halfWay.resolve();
      await gate.promise;
      yield bytes.subarray(middle);
    },
  };
}

/** A stream that gives some chunks, then throws. */
export async function* failingStream(
  chunks: Iterable<Uint8Array>,
  error: unknown,
): AsyncGenerator<Uint8Array> {
  yield* chunks;
  throw error;
}
