import { runningDigest } from '../content/digest.ts';
import type { RunningDigest } from '../content/running-digest.ts';
import { type ErrorCode, FieldFileError, isFieldFileError } from '../errors/field-file-error.ts';
import type { ObjectName } from '../names/object-name.ts';
import { throwIfAborted } from './abort.ts';
import type { Backend, Digest, ObjectInfo, ReadOptions, ReadResult } from './backend.ts';
import { closeIfDropped, type Droppable } from './close-if-dropped.ts';
import { type ErrorContext, inContext } from './error-context.ts';
import { isGzip } from './gzip-options.ts';
import { checkedMaxBytes, onlyMaxBytes, tooMuch } from './read-limit.ts';
import { Attempts, withRetries } from './retries.ts';
import type { OpenedObject, OpenObjectOptions, ReadLimit, RetryOptions } from './storage-options.ts';

/** Opens an object whose body is the content that was given, resumes by itself and is never silently short. */
export async function openObject(
  backend: Backend,
  name: ObjectName,
  options: ReadOptions,
  { maxBytes: limit, verify = false }: Pick<OpenObjectOptions, 'maxBytes' | 'verify'>,
  retry: RetryOptions,
): Promise<OpenedObject> {
  const { range } = options;
  const context = { operation: 'read', storage: backend.id, name };
  const maxBytes = checkedMaxBytes(limit, context);
  if (verify && range)
    throw new FieldFileError(
      'invalid-argument',
      `A part of ${JSON.stringify(name)} cannot be verified: leave out start and endExclusive, or verify.`,
      context,
    );
  const stored = await openStored(backend, name, options, verify, retry, context);
  if (!isGzip(stored.info)) {
    if (stored.bodyBytes <= maxBytes) return stored;
    await stored[Symbol.asyncDispose]();
    throw tooMuch(maxBytes, context);
  }
  const { DecodedObject } = await loaded(stored);
  const expected = typeof verify === 'object' ? verify : undefined;
  if (!range) return new DecodedObject(stored, { maxBytes, expected, context });
  // That was a range of what is stored, which is none of the content.
  await stored[Symbol.asyncDispose]();
  const whole = { ifMatch: stored.info.version, ...(options.signal ? { signal: options.signal } : {}) };
  return new DecodedObject(await openStored(backend, name, whole, false, retry, context), {
    maxBytes,
    range,
    context,
  });
}

async function loaded(stored: OpenedObject): Promise<typeof import('./compressed.ts')> {
  try {
    return await import('./compressed.ts');
  } catch (error) {
    await stored[Symbol.asyncDispose]();
    throw error;
  }
}

/** Opens the bytes that are stored. */
async function openStored(
  backend: Backend,
  name: ObjectName,
  options: ReadOptions,
  verify: boolean | Digest,
  retry: RetryOptions,
  context: ErrorContext,
): Promise<ResumingObject> {
  const read = (asked: ReadOptions): Promise<ReadResult> =>
    withRetries(() => backend.read(name, asked), retry, options.signal);
  const first = await read(options);
  try {
    // The storage's own digest is of what is stored, the caller's of the content.
    const expected =
      verify === true || !isGzip(first.info) ? expectedDigest(first.info, verify, context) : undefined;
    return new ResumingObject(first, read, expected, options, { retry, context });
  } catch (error) {
    await first[Symbol.asyncDispose]();
    throw error;
  }
}

interface Resuming {
  readonly retry: RetryOptions;
  readonly context: ErrorContext;
}

type Chunk = Uint8Array<ArrayBuffer>;

/** What is asked of the reader of a body. */
interface Reader {
  read(): Promise<ReadableStreamReadResult<Chunk>>;
  /** Absent where there is nothing to cancel. */
  cancel?(): Promise<void>;
}

/**
 * What a reader has open. Apart from the reader, so that it can be closed once nobody reaches that. A class: an object with
 * an accessor of its own has a hidden class of its own, too, which only a full collection frees.
 */
class Opened implements Droppable {
  /** Undefined once let go. */
  result: ReadResult | undefined;
  /** Undefined until something is read. */
  reader: Reader | undefined;
  /** Nothing is to be closed any more, for the time being. */
  closed: (() => void) | undefined;
  readonly #context: ErrorContext;

  constructor(result: ReadResult, context: ErrorContext) {
    this.result = result;
    this.reader = undefined;
    this.closed = undefined;
    this.#context = context;
  }

  get what(): string {
    return `${JSON.stringify(this.#context.name)} of storage "${this.#context.storage}"`;
  }

  isOpen(): boolean {
    return this.result !== undefined;
  }

  async close(): Promise<void> {
    const { result, reader } = this;
    this.result = undefined;
    if (!result) return;
    this.closed?.();
    // A body that is made when it is asked for is not made to be cancelled. One that failed has nothing left to cancel.
    const begun = reader ?? (result.bytes ? undefined : result.stream);
    if (begun?.cancel) await begun.cancel().catch(() => {});
    await result[Symbol.asyncDispose]();
  }
}

/** Reads what a backend gives at once: a body of one chunk, without the stream. */
function readerOf(whole: Promise<Chunk>): Reader {
  let isRead = false;
  return {
    async read() {
      if (isRead) return { done: true, value: undefined };
      isRead = true;
      const value = await whole;
      return value.byteLength > 0 ? { done: false, value } : { done: true, value: undefined };
    },
  };
}

class ResumingObject implements OpenedObject {
  readonly info: ObjectInfo;
  readonly #read: (options: ReadOptions) => Promise<ReadResult>;
  readonly #expected: Digest | undefined;
  readonly #digest: RunningDigest | undefined;
  readonly #start: number;
  /** The length of the body: of what was asked for, as it is stored. */
  readonly bodyBytes: number;
  readonly #signal: AbortSignal | undefined;
  readonly #context: ErrorContext;
  readonly #retry: RetryOptions;
  #attempts: Attempts | undefined;
  /** After bodies that ended early as if they were whole: whoever cuts them goes on doing so. */
  #attemptsAfterShort: Attempts | undefined;
  #deliveredBytes = 0;
  readonly #open: Opened;
  #body: ReadableStream<Chunk> | undefined;
  /** By `bytes()` or `text()`: settles when they do. */
  #whole: Promise<Chunk> | undefined;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #disposed = false;

  constructor(
    first: ReadResult,
    read: (options: ReadOptions) => Promise<ReadResult>,
    expected: Digest | undefined,
    { range, signal }: ReadOptions,
    { retry, context }: Resuming,
  ) {
    this.info = first.info;
    this.#read = read;
    this.#expected = expected;
    this.#digest = expected && runningDigest(expected.algorithm);
    this.#start = Math.min(range?.start ?? 0, first.info.sizeBytes);
    const end = Math.min(range?.endExclusive ?? first.info.sizeBytes, first.info.sizeBytes);
    this.bodyBytes = Math.max(0, end - this.#start);
    this.#signal = signal;
    this.#context = context;
    this.#retry = retry;
    this.#open = new Opened(first, context);
    this.#closeIfDropped();
  }

  /** Made for who asks for it: a stream costs more than a small object. */
  get stream(): ReadableStream<Chunk> {
    if (this.#body) return this.#body;
    const body = new ReadableStream<Chunk>(
      {
        pull: async controller => {
          const chunk = await this.#chunk();
          if (chunk) controller.enqueue(chunk);
          else controller.close();
        },
        cancel: () => this[Symbol.asyncDispose](),
      },
      { highWaterMark: 0 },
    );
    this.#body = body;
    if (this.#whole && !this.#ended && !this.#failure) {
      const reader = body.getReader();
      const release = (): void => reader.releaseLock();
      this.#whole.then(release, release);
    }
    return body;
  }

  async bytes(limit: ReadLimit = {}): Promise<Chunk> {
    const maxBytes = onlyMaxBytes(limit, this.#context);
    if (this.#deliveredBytes > 0 || (this.#whole && this.bodyBytes > 0) || this.#body?.locked)
      throw this.#error('content-consumed', 'was read from before: open it again');
    if (this.bodyBytes > maxBytes) throw tooMuch(maxBytes, this.#context);
    this.#whole = this.#all();
    return await this.#whole;
  }

  async text(limit: ReadLimit = {}): Promise<string> {
    return new TextDecoder().decode(await this.bytes(limit));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await this.#close();
  }

  async #all(): Promise<Chunk> {
    const atOnce = await this.#atOnce();
    if (atOnce) return atOnce;
    let bytes: Chunk | undefined;
    let offset = 0;
    for (;;) {
      const chunk = await this.#chunk();
      if (!chunk) return bytes ?? new Uint8Array(0);
      // A chunk is its reader's, so it is not copied where it is all there is, in a buffer of its own.
      const isAll = chunk.byteLength === this.bodyBytes && chunk.buffer.byteLength === chunk.byteLength;
      bytes ??= isAll ? new Uint8Array(chunk.buffer) : new Uint8Array(this.bodyBytes);
      if (!isAll) bytes.set(chunk, offset);
      offset += chunk.byteLength;
    }
  }

  /** Undefined where there is more to it than the bytes: then they, or their failure, are the first that is read. */
  async #atOnce(): Promise<Chunk | undefined> {
    const { result, reader } = this.#open;
    if (!result?.bytes || reader) return undefined;
    const whole = result.bytes();
    this.#open.reader = readerOf(whole);
    const bytes = await whole.catch(() => undefined);
    if (bytes?.byteLength !== this.bodyBytes || bytes.buffer.byteLength !== this.bodyBytes) return undefined;
    if (this.#expected || this.#disposed || this.#failure || this.#signal?.aborted) return undefined;
    this.#deliveredBytes = this.bodyBytes;
    this.#ended = true;
    await this.#close();
    return new Uint8Array(bytes.buffer);
  }

  /** The next chunk, or undefined after the last. What failed once stays so. */
  async #chunk(): Promise<Chunk | undefined> {
    if (this.#failure) throw this.#failure.error;
    if (this.#ended) return undefined;
    try {
      return await this.#next();
    } catch (error) {
      this.#failure = { error: inContext(error, this.#context) };
      await this.#close();
      throw this.#failure.error;
    }
  }

  async #next(): Promise<Chunk | undefined> {
    for (;;) {
      throwIfAborted(this.#signal, 'read');
      if (this.#deliveredBytes === this.bodyBytes) return this.#end();
      try {
        const { done, value } = await this.#reader().read();
        if (this.#disposed) throw this.#disposedTooSoon();
        if (done)
          throw this.#error(
            'integrity',
            `ended after ${this.#deliveredBytes} of ${this.bodyBytes} bytes`,
            true,
          );
        this.#deliveredBytes += value.byteLength;
        if (this.#deliveredBytes > this.bodyBytes) throw this.#tooLong();
        this.#digest?.update(value);
        this.#attempts?.progressed();
        return value;
      } catch (error) {
        if (this.#disposed) throw this.#disposedTooSoon();
        await this.#attemptsAfter(error).orThrow(error);
        await this.#resume();
      }
    }
  }

  #attemptsAfter(error: unknown): Attempts {
    if (!isFieldFileError(error, 'integrity')) {
      this.#attempts ??= new Attempts(this.#retry, this.#signal);
      return this.#attempts;
    }
    this.#attemptsAfterShort ??= new Attempts(this.#retry, this.#signal);
    return this.#attemptsAfterShort;
  }

  /** Reads the end itself, too: a connection that is left before it cannot be used again. */
  async #end(): Promise<undefined> {
    if (this.#open.result && !(await this.#isAtEnd())) throw this.#tooLong();
    if (this.#expected && this.#digest?.base64() !== this.#expected.base64)
      throw this.#error('integrity', `has another ${this.#expected.algorithm} digest than expected`);
    this.#ended = true;
    await this.#close();
  }

  async #isAtEnd(): Promise<boolean> {
    try {
      return (await this.#reader().read()).done;
    } catch {
      return true; // a reset after the last byte: nothing is missing
    }
  }

  #reader(): Reader {
    const { result } = this.#open;
    if (!this.#open.reader) {
      if (!result) throw this.#disposedTooSoon();
      this.#open.reader = result.stream.getReader();
    }
    return this.#open.reader;
  }

  /** Goes on where the last byte came from. One that was disposed of meanwhile reads on nothing, and its end tells. */
  async #resume(): Promise<void> {
    await this.#close();
    if (this.#disposed) return;
    const start = this.#start + this.#deliveredBytes;
    this.#open.reader = undefined;
    this.#open.result = await this.#read({
      range: { start, endExclusive: this.#start + this.bodyBytes },
      ifMatch: this.info.version,
      ...(this.#signal ? { signal: this.#signal } : {}),
    });
    this.#closeIfDropped();
    if (this.#disposed) await this.#close();
  }

  #closeIfDropped(): void {
    this.#open.closed = closeIfDropped(this, this.#open);
  }

  #close(): Promise<void> {
    return this.#open.close();
  }

  #disposedTooSoon(): FieldFileError {
    return this.#error(
      'aborted',
      'was disposed of before it was read to its end: await the reading in the block that opened it',
    );
  }

  #tooLong(): FieldFileError {
    return this.#error('integrity', `has more than the ${this.bodyBytes} bytes it should have`);
  }

  #error(code: ErrorCode, what: string, retryable = false): FieldFileError {
    const { name } = this.#context;
    return new FieldFileError(code, `${JSON.stringify(name)} ${what} (read).`, {
      ...this.#context,
      retryable,
    });
  }
}

function expectedDigest(
  info: ObjectInfo,
  verify: boolean | Digest,
  context: ErrorContext,
): Digest | undefined {
  const expected = verify === true ? info.digest : verify || undefined;
  if (verify && !expected)
    throw new FieldFileError(
      'unsupported',
      `Storage "${context.storage}" keeps no digest of ${JSON.stringify(context.name)}: pass the one to verify against.`,
      context,
    );
  return expected;
}
