import { runningDigest } from '../content/digest.ts';
import { FieldFileError } from '../errors/field-file-error.ts';
import type { ObjectKey } from '../names/object-key.ts';
import type { Backend, Digest, ObjectInfo, ReadResult } from './backend.ts';
import { Attempts, withRetries } from './retries.ts';
import type { OpenedObject, OpenObjectOptions, RetryOptions } from './storage-options.ts';

/** Opens an object whose body resumes by itself and is never silently short. */
export async function openObject(
  backend: Backend,
  key: ObjectKey,
  options: OpenObjectOptions,
  retry: RetryOptions,
): Promise<OpenedObject> {
  const first = await withRetries(() => backend.read(key, readOptions(options)), retry, options.signal);
  try {
    return new ResumingObject(backend, key, first, options, retry);
  } catch (error) {
    await first[Symbol.asyncDispose]();
    throw error;
  }
}

const readOptions = ({ verify: _, ...options }: OpenObjectOptions): Omit<OpenObjectOptions, 'verify'> =>
  options;

class ResumingObject implements OpenedObject {
  readonly info: ObjectInfo;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #expectedBytes: number;
  #current: ReadResult;

  constructor(
    backend: Backend,
    key: ObjectKey,
    first: ReadResult,
    options: OpenObjectOptions,
    retry: RetryOptions,
  ) {
    this.info = first.info;
    this.#current = first;
    const start = Math.min(options.range?.start ?? 0, first.info.sizeBytes);
    const end = Math.max(
      start,
      Math.min(options.range?.endExclusive ?? first.info.sizeBytes, first.info.sizeBytes),
    );
    this.#expectedBytes = end - start;
    const expected = expectedDigest(first.info, options, backend, key);
    const digest = expected && runningDigest(expected.algorithm);
    const attempts = new Attempts(retry, options.signal);
    let reader = first.body.getReader();
    let delivered = 0;

    const resume = async (error: unknown): Promise<void> => {
      await attempts.orThrow(error);
      await this.#current[Symbol.asyncDispose]();
      const range = { start: start + delivered, endExclusive: end };
      const again = { ...readOptions(options), range, ifMatch: first.info.version };
      this.#current = await withRetries(() => backend.read(key, again), retry, options.signal);
      reader = this.#current.body.getReader();
    };
    const finish = (): void => {
      if (expected && digest?.base64() !== expected.base64)
        throw new FieldFileError(
          'integrity',
          `${JSON.stringify(key)} has another ${expected.algorithm} digest than expected.`,
          {
            operation: 'read',
            storage: backend.id,
            name: key,
          },
        );
    };
    const next = async (): Promise<Uint8Array<ArrayBuffer> | undefined> => {
      for (;;) {
        try {
          if (delivered === this.#expectedBytes) {
            finish();
            await this[Symbol.asyncDispose]();
            return undefined;
          }
          const { done, value } = await reader.read();
          if (done) throw short(delivered, this.#expectedBytes, backend, key);
          delivered += value.byteLength;
          if (delivered > this.#expectedBytes)
            throw short(delivered, this.#expectedBytes, backend, key, false);
          digest?.update(value);
          return value;
        } catch (error) {
          await resume(error);
        }
      }
    };

    this.body = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull: async controller => {
          try {
            const chunk = await next();
            if (chunk) controller.enqueue(chunk);
            else controller.close();
          } catch (error) {
            await this[Symbol.asyncDispose]();
            throw error;
          }
        },
        cancel: () => this[Symbol.asyncDispose](),
      },
      { highWaterMark: 0 },
    );
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(this.#expectedBytes);
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
    await this.#current[Symbol.asyncDispose]();
  }
}

function expectedDigest(
  info: ObjectInfo,
  options: OpenObjectOptions,
  backend: Backend,
  key: ObjectKey,
): Digest | undefined {
  const { verify, range } = options;
  if (!verify) return undefined;
  const context = { operation: 'read', storage: backend.id, name: key };
  if (range)
    throw new FieldFileError(
      'invalid-argument',
      'A part of an object cannot be verified: leave out range or verify.',
      context,
    );
  const digest = verify === true ? info.digest : verify;
  if (!digest)
    throw new FieldFileError(
      'unsupported',
      `Storage "${backend.id}" keeps no digest of ${JSON.stringify(key)}: pass the one to verify against.`,
      context,
    );
  return digest;
}

const short = (
  delivered: number,
  expected: number,
  backend: Backend,
  key: ObjectKey,
  retryable = true,
): FieldFileError =>
  new FieldFileError('integrity', `${JSON.stringify(key)} ended after ${delivered} of ${expected} bytes.`, {
    operation: 'read',
    storage: backend.id,
    name: key,
    retryable,
  });
