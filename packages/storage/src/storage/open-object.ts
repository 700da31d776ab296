import { runningDigest } from '../content/digest.ts';
import type { RunningDigest } from '../content/running-digest.ts';
import { type ErrorCode, FieldFileError, isFieldFileError } from '../errors/field-file-error.ts';
import type { ObjectKey } from '../names/object-key.ts';
import { throwIfAborted } from './abort.ts';
import type { Backend, Digest, ObjectInfo, ReadOptions, ReadResult } from './backend.ts';
import { DecodedObject } from './decoded-object.ts';
import { type ErrorContext, inContext } from './error-context.ts';
import { isGzip } from './gzip-options.ts';
import { Attempts, withRetries } from './retries.ts';
import type { OpenedObject, OpenObjectOptions, RetryOptions } from './storage-options.ts';

/** As a backend is asked, and what is checked on the way. */
type StoredReadOptions = ReadOptions & Pick<OpenObjectOptions, 'verify'>;

/** Opens an object whose body is the content that was given, resumes by itself and is never silently short. */
export async function openObject(
  backend: Backend,
  key: ObjectKey,
  options: StoredReadOptions,
  retry: RetryOptions,
): Promise<OpenedObject> {
  const { verify = false, range, ...whole } = options;
  const context = { operation: 'read', storage: backend.id, name: key };
  if (verify && range)
    throw new FieldFileError(
      'invalid-argument',
      `A part of ${JSON.stringify(key)} cannot be verified: leave out start and endExclusive, or verify.`,
      context,
    );
  const stored = await openStored(backend, key, options, retry, context);
  if (!isGzip(stored.info)) return stored;
  const expected = typeof verify === 'object' ? verify : undefined;
  if (!range) return new DecodedObject(stored, { expected, context });
  // That was a range of what is stored, which is none of the content.
  await stored[Symbol.asyncDispose]();
  const same = { ...whole, ifMatch: stored.info.version };
  return new DecodedObject(await openStored(backend, key, same, retry, context), { range, context });
}

/** Opens the bytes that are stored. */
async function openStored(
  backend: Backend,
  key: ObjectKey,
  { verify = false, ...options }: StoredReadOptions,
  retry: RetryOptions,
  context: ErrorContext,
): Promise<OpenedObject> {
  const read = (more: ReadOptions): Promise<ReadResult> =>
    withRetries(() => backend.read(key, { ...options, ...more }), retry, options.signal);
  const first = await read({});
  try {
    // The storage's own digest is of what is stored, the caller's of the content.
    const expected =
      verify === true || !isGzip(first.info) ? expectedDigest(first.info, verify, context) : undefined;
    return new ResumingObject(first, read, expected, { ...options, retry, context });
  } catch (error) {
    await first[Symbol.asyncDispose]();
    throw error;
  }
}

interface ResumingOptions extends ReadOptions {
  readonly retry: RetryOptions;
  readonly context: ErrorContext;
}

type Chunk = Uint8Array<ArrayBuffer>;

class ResumingObject implements OpenedObject {
  readonly info: ObjectInfo;
  readonly body: ReadableStream<Chunk>;
  readonly #read: (more: ReadOptions) => Promise<ReadResult>;
  readonly #expected: Digest | undefined;
  readonly #digest: RunningDigest | undefined;
  readonly #start: number;
  readonly #sizeBytes: number;
  readonly #signal: AbortSignal | undefined;
  readonly #context: ErrorContext;
  readonly #attempts: Attempts;
  /** After bodies that ended early as if they were whole: whoever cuts them goes on doing so. */
  readonly #attemptsAfterShort: Attempts;
  #deliveredBytes = 0;
  /** What is open; undefined once let go. */
  #current: ReadResult | undefined;
  #reader: ReadableStreamDefaultReader<Chunk>;
  #disposed = false;

  constructor(
    first: ReadResult,
    read: (more: ReadOptions) => Promise<ReadResult>,
    expected: Digest | undefined,
    { range, signal, retry, context }: ResumingOptions,
  ) {
    this.info = first.info;
    this.#read = read;
    this.#expected = expected;
    this.#digest = expected && runningDigest(expected.algorithm);
    this.#start = Math.min(range?.start ?? 0, first.info.sizeBytes);
    const end = Math.min(range?.endExclusive ?? first.info.sizeBytes, first.info.sizeBytes);
    this.#sizeBytes = Math.max(0, end - this.#start);
    this.#signal = signal;
    this.#context = context;
    this.#attempts = new Attempts(retry, signal);
    this.#attemptsAfterShort = new Attempts(retry, signal);
    this.#current = first;
    this.#reader = first.body.getReader();
    this.body = new ReadableStream<Chunk>(
      {
        pull: async controller => {
          try {
            const chunk = await this.#next();
            if (chunk) controller.enqueue(chunk);
            else controller.close();
          } catch (error) {
            await this.#close();
            throw inContext(error, context);
          }
        },
        cancel: () => this[Symbol.asyncDispose](),
      },
      { highWaterMark: 0 },
    );
  }

  async bytes(): Promise<Chunk> {
    if (this.#deliveredBytes > 0 || this.body.locked)
      throw this.#error('content-consumed', 'was read from before: open it again');
    const bytes = new Uint8Array(this.#sizeBytes);
    let offset = 0;
    for await (const chunk of this.body) {
      bytes.set(chunk, offset);
      offset += chunk.byteLength;
    }
    return bytes;
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await this.#close();
  }

  /** The next chunk, or undefined after the last. */
  async #next(): Promise<Chunk | undefined> {
    for (;;) {
      throwIfAborted(this.#signal, 'read');
      if (this.#deliveredBytes === this.#sizeBytes) return this.#end();
      try {
        const { done, value } = await this.#reader.read();
        if (done)
          throw this.#error(
            'integrity',
            `ended after ${this.#deliveredBytes} of ${this.#sizeBytes} bytes`,
            true,
          );
        this.#deliveredBytes += value.byteLength;
        if (this.#deliveredBytes > this.#sizeBytes) throw this.#tooLong();
        this.#digest?.update(value);
        this.#attempts.progressed();
        return value;
      } catch (error) {
        if (this.#disposed) throw this.#disposedTooSoon();
        const attempts = isFieldFileError(error, 'integrity') ? this.#attemptsAfterShort : this.#attempts;
        await attempts.orThrow(error);
        await this.#resume();
      }
    }
  }

  /** Reads the end itself, too: a connection that is left before it cannot be used again. */
  async #end(): Promise<undefined> {
    const isEnd = await this.#reader.read().then(
      ({ done }) => done,
      () => true, // a reset after the last byte: nothing is missing
    );
    if (!isEnd) throw this.#tooLong();
    if (this.#expected && this.#digest?.base64() !== this.#expected.base64)
      throw this.#error('integrity', `has another ${this.#expected.algorithm} digest than expected`);
    await this.#close();
  }

  /** Goes on where the last byte came from. One that was disposed of meanwhile reads on nothing, and its end tells. */
  async #resume(): Promise<void> {
    await this.#close();
    if (this.#disposed) return;
    const start = this.#start + this.#deliveredBytes;
    this.#current = await this.#read({
      range: { start, endExclusive: this.#start + this.#sizeBytes },
      ifMatch: this.info.version,
    });
    this.#reader = this.#current.body.getReader();
    if (this.#disposed) await this.#close();
  }

  async #close(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    if (!current) return;
    await this.#reader.cancel().catch(() => {}); // a stream that failed has nothing left to cancel
    await current[Symbol.asyncDispose]();
  }

  #disposedTooSoon(): FieldFileError {
    return this.#error(
      'aborted',
      'was disposed of before it was read to its end: await the reading in the block that opened it',
    );
  }

  #tooLong(): FieldFileError {
    return this.#error('integrity', `has more than the ${this.#sizeBytes} bytes it should have`);
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
