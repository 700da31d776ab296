import { runningDigest } from '../content/digest.ts';
import { gunzipped } from '../content/gzip.ts';
import { streamChunks } from '../content/read-all.ts';
import { type ErrorCode, FieldFileError } from '../errors/field-file-error.ts';
import type { ByteRange, Digest, ObjectInfo } from './backend.ts';
import type { ErrorContext } from './error-context.ts';
import { onlyMaxBytes, tooMuch } from './read-limit.ts';
import type { OpenedObject, ReadLimit } from './storage-options.ts';

interface DecodedOptions {
  readonly maxBytes: number;
  readonly range?: ByteRange | undefined;
  /** Of the content, not of what is stored. */
  readonly expected?: Digest | undefined;
  readonly context: ErrorContext;
}

type Chunk = Uint8Array<ArrayBuffer>;

/** An object that is stored compressed, as the content that was given. A range is cut out of it: what is before it is read, too. */
export class DecodedObject implements OpenedObject {
  readonly info: ObjectInfo;
  readonly stream: ReadableStream<Chunk>;
  readonly #stored: OpenedObject;
  readonly #context: ErrorContext;
  #isRead = false;

  constructor(stored: OpenedObject, options: DecodedOptions) {
    this.#stored = stored;
    this.#context = options.context;
    this.info = stored.info;
    const content = contentOf(stored, options);
    this.stream = new ReadableStream<Chunk>(
      {
        pull: async controller => {
          this.#isRead = true;
          const { done, value } = await content.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: () => stored[Symbol.asyncDispose](),
      },
      { highWaterMark: 0 },
    );
  }

  async bytes(limit: ReadLimit = {}): Promise<Chunk> {
    const maxBytes = onlyMaxBytes(limit, this.#context);
    if (this.#isRead || this.stream.locked)
      throw failure('content-consumed', 'was read from before: open it again', this.#context);
    const chunks: Chunk[] = [];
    let sizeBytes = 0;
    for await (const chunk of this.stream) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > maxBytes) throw tooMuch(maxBytes, this.#context);
      chunks.push(chunk);
    }
    const bytes = new Uint8Array(sizeBytes);
    let offset = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, offset);
      offset += chunk.byteLength;
    }
    return bytes;
  }

  async text(limit: ReadLimit = {}): Promise<string> {
    return new TextDecoder().decode(await this.bytes(limit));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stored[Symbol.asyncDispose]();
  }
}

async function* contentOf(
  stored: OpenedObject,
  { maxBytes, range, expected, context }: DecodedOptions,
): AsyncGenerator<Chunk, void, undefined> {
  const { start = 0, endExclusive = Number.POSITIVE_INFINITY } = range ?? {};
  const digest = expected && runningDigest(expected.algorithm);
  const damaged = (cause: unknown): FieldFileError =>
    failure('integrity', 'is marked as compressed with gzip, but is not', context, cause);
  let offset = 0;
  let given = 0;
  if (start < endExclusive)
    for await (const chunk of gunzipped(streamChunks(stored.stream), damaged)) {
      digest?.update(chunk);
      const wanted = chunk.subarray(Math.max(0, start - offset), Math.max(0, endExclusive - offset));
      offset += chunk.byteLength;
      given += wanted.byteLength;
      if (given > maxBytes) throw tooMuch(maxBytes, context);
      if (wanted.byteLength > 0) yield wanted;
      if (offset >= endExclusive) break;
    }
  if (expected && digest?.base64() !== expected.base64)
    throw failure('integrity', `has another ${expected.algorithm} digest than expected`, context);
  await stored[Symbol.asyncDispose]();
}

const failure = (code: ErrorCode, what: string, context: ErrorContext, cause?: unknown): FieldFileError =>
  new FieldFileError(code, `${JSON.stringify(context.name)} ${what} (read).`, { ...context, cause });
