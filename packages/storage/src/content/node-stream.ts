type Listener = (value: never) => void;

/** A Node `Readable`, also that of the `readable-stream` package. */
export interface NodeStream {
  readonly destroyed?: boolean;
  readonly errored?: unknown;
  destroy(): unknown;
  pause(): unknown;
  resume(): unknown;
  listenerCount(event: string): number;
  on(event: string, listener: Listener): unknown;
  [Symbol.asyncIterator](): AsyncIterator<unknown>;
}

const METHODS = ['pipe', 'destroy', 'pause', 'resume', 'listenerCount', 'on'] as const;

export function isNodeStream(value: unknown): value is NodeStream {
  const stream = value as Readonly<Record<string, unknown>>;
  return METHODS.every(method => typeof stream[method] === 'function');
}

/**
 * Chunks of a Node stream as it was given them. Its own iterator copies what has gathered in its buffer into one chunk,
 * which cost four times as much as all else on an upload's way here. Returning destroys the stream, also while a read
 * is pending.
 */
export function nodeChunks(stream: NodeStream): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]() {
      // Somebody else's `readable` listener keeps the stream from flowing, which its own iterator can do without.
      const next = stream.listenerCount('readable') > 0 ? iterated(stream) : flowing(stream);
      return {
        next,
        async return() {
          stream.destroy();
          return DONE;
        },
      };
    },
  };
}

type Next = () => Promise<IteratorResult<unknown>>;

function iterated(stream: NodeStream): Next {
  const iterator = stream[Symbol.asyncIterator]();
  return () => iterator.next();
}

function flowing(stream: NodeStream): Next {
  const chunks: unknown[] = [];
  let ended: { readonly failure?: unknown } | undefined;
  let wake = (): void => {};
  const end = (how: { readonly failure?: unknown }): void => {
    ended ??= how;
    wake();
  };
  stream.on('data', (chunk: unknown) => {
    chunks.push(chunk);
    stream.pause();
    wake();
  });
  stream.on('end', () => end({}));
  stream.on('error', (failure: unknown) => end({ failure }));
  stream.on('close', () => end({ failure: endedEarly() }));
  if (stream.destroyed) end({ failure: stream.errored ?? endedEarly() });
  return async () => {
    if (chunks.length === 0 && !ended) {
      const woken = new Promise<void>(resolve => {
        wake = resolve;
      });
      stream.resume();
      await woken;
    }
    if (chunks.length > 0) return { done: false, value: chunks.shift() };
    if (ended && 'failure' in ended) throw ended.failure;
    return DONE;
  };
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** As Node says it. */
const endedEarly = (): Error =>
  Object.assign(new Error('The stream was closed before its end.'), { code: 'ERR_STREAM_PREMATURE_CLOSE' });
