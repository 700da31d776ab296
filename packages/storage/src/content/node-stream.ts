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

/** Whether it is a Node `Readable`, or what behaves like one: by its methods, on any runtime. */
export function isNodeStream(value: unknown): value is NodeStream {
  const stream = value as Readonly<Record<string, unknown>> | null | undefined;
  return METHODS.every(method => typeof stream?.[method] === 'function');
}

/**
 * Chunks of a Node stream as it was given them. Its own iterator copies what has gathered in its buffer into one chunk,
 * which cost four times as much as all else on an upload's way here. Returning lets go of the stream, also while a read
 * is pending.
 */
export function nodeChunks(stream: NodeStream): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]() {
      // Somebody else's `readable` listener keeps the stream from flowing, which its own iterator can do without.
      const { next, stop } = stream.listenerCount('readable') > 0 ? iterated(stream) : flowing(stream);
      return {
        next,
        async return() {
          stop();
          return DONE;
        },
      };
    },
  };
}

/**
 * Frees what a stream holds that nobody will read on. An HTTP request, and a part of a form on its way through a parser
 * (busboy's), are read to their end instead, and thrown away: destroyed, the one could not be answered, and the other
 * would stop the whole form.
 */
export function letGo(stream: NodeStream): void {
  stream.on('error', () => {}); // of no interest any more, and without a listener it ends the process
  if (isRequest(stream) || isFormPart(stream)) stream.resume();
  else stream.destroy();
}

/** What a server got: what a client gets has no method. */
const isRequest = (stream: object): boolean =>
  'httpVersion' in stream && typeof (stream as { readonly method?: unknown }).method === 'string';

/** Busboy's and those of its descendants tell whether a limit cut them off. */
const isFormPart = (stream: object): boolean =>
  typeof (stream as { readonly truncated?: unknown }).truncated === 'boolean';

interface Reading {
  next(): Promise<IteratorResult<unknown>>;
  stop(): void;
}

function iterated(stream: NodeStream): Reading {
  const iterator = stream[Symbol.asyncIterator]();
  return { next: () => iterator.next(), stop: () => void stream.destroy() };
}

function flowing(stream: NodeStream): Reading {
  const chunks: unknown[] = [];
  let ended: { readonly failure?: unknown } | undefined;
  let stopped = false;
  let wake = (): void => {};
  const end = (how: { readonly failure?: unknown }): void => {
    ended ??= how;
    wake();
  };
  stream.on('data', (chunk: unknown) => {
    if (stopped) return;
    chunks.push(chunk);
    stream.pause();
    wake();
  });
  stream.on('end', () => end({}));
  stream.on('error', (failure: unknown) => end({ failure }));
  stream.on('close', () => end({ failure: endedEarly() }));
  if (stream.destroyed) end({ failure: stream.errored ?? endedEarly() });
  return {
    async next() {
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
    },
    stop() {
      stopped = true;
      chunks.length = 0;
      letGo(stream);
    },
  };
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** As Node says it. */
const endedEarly = (): Error =>
  Object.assign(new Error('The stream was closed before its end.'), { code: 'ERR_STREAM_PREMATURE_CLOSE' });
