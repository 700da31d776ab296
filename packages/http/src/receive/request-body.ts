import { FieldFileError, isFieldFileError } from '@fieldfile/storage';
import { ChunkGarbage } from '@fieldfile/storage/backend';
import { type BodyReader, readerOf } from './body-reader.ts';
import type { Limits } from './limits.ts';
import { Patience } from './patience.ts';
import { refusedRequest } from './refused-request.ts';

/** How far a request has come. */
export interface ReceiveProgress {
  /** Of the request, whatever is in it. */
  readonly receivedBytes: number;
  /** As its `Content-Length` says, where it does. */
  readonly totalBytes: number | undefined;
}

/** Next keeps this much of a body for its proxy, and the rest is cut off in silence. */
const NEXT_CUT = 10 * 1024 ** 2;

/** @throws `malformed-request` for a length that is none; `request-too-large` before a byte of it is read. */
export function announcedLength(headers: Headers, maxBytes: number): number | undefined {
  const text = headers.get('content-length');
  if (text === null) return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw refusedRequest('malformed-request', 'Content-Length is no number of bytes.');
  if (Number(text) > maxBytes) throw tooLarge(maxBytes);
  return Number(text);
}

/** The bytes of a request, as long as they keep to the limits. Read once. */
export class RequestBody {
  readonly #request: Request;
  readonly #limits: Limits;
  readonly #totalBytes: number | undefined;
  readonly #reader: BodyReader | undefined;
  readonly #onProgress: (progress: ReceiveProgress) => void;
  readonly #patience: Patience;
  #receivedBytes = 0;
  #ended: 'no' | 'late' | 'cancelled' = 'no';

  /** @throws `content-consumed` where somebody has read it before; as {@link announcedLength}. */
  constructor(request: Request, limits: Limits, onProgress: (progress: ReceiveProgress) => void = () => {}) {
    const { body, headers } = request;
    this.#request = request;
    this.#limits = limits;
    this.#onProgress = onProgress;
    this.#totalBytes = announcedLength(headers, limits.maxBytes);
    if (request.bodyUsed || body?.locked) throw consumed();
    this.#reader = body ? readerOf(body) : undefined;
    this.#patience = new Patience(limits.idleSeconds, () => {
      this.#ended = 'late';
      void this.cancel(); // ends the reading below
    });
  }

  /** Nobody wants the rest. What waits for a chunk goes on. */
  async cancel(): Promise<void> {
    if (this.#ended === 'no') this.#ended = 'cancelled';
    this.#patience.end();
    await this.#reader?.cancel().catch(() => {}); // of what is over or broken nothing is left to cancel
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const garbage = new ChunkGarbage();
    try {
      for (let chunk = await this.#next(); chunk; chunk = await this.#next()) {
        yield chunk;
        garbage.passed(chunk);
      }
    } finally {
      await this.cancel();
    }
  }

  /**
   * Copies what comes next to the beginning of `memory`: as iterating, without a chunk that somebody keeps.
   *
   * @returns how much. 0: that was all.
   */
  async readInto(memory: Uint8Array): Promise<number> {
    const copied = (await this.#reading(reader => reader.readInto(memory))) ?? 0;
    this.#passed(copied);
    return copied;
  }

  async #next(): Promise<Uint8Array | undefined> {
    const chunk = await this.#reading(reader => reader.read());
    this.#passed(chunk?.byteLength ?? 0, chunk === undefined);
    return chunk;
  }

  #passed(bytes: number, isEnd = bytes === 0): void {
    const totalBytes = this.#totalBytes;
    if (isEnd) {
      const isShort = totalBytes !== undefined && this.#receivedBytes < totalBytes;
      if (isShort && this.#ended === 'no') throw cutShort(this.#receivedBytes, totalBytes);
      return;
    }
    this.#receivedBytes += bytes;
    const { maxBytes } = this.#limits;
    if (this.#receivedBytes > maxBytes) throw tooLarge(maxBytes);
    this.#onProgress({ receivedBytes: this.#receivedBytes, totalBytes });
  }

  /** Only the time counts in which something is waited for: a slow storage is not the client's fault. */
  async #reading<T>(read: (reader: BodyReader) => Promise<T>): Promise<T | undefined> {
    if (!this.#reader) return undefined;
    this.#patience.begin();
    try {
      const value = await read(this.#reader);
      if (this.#ended === 'late')
        throw refusedRequest('too-slow', `For ${this.#limits.idleSeconds} s nothing came of the request.`);
      return value;
    } catch (error) {
      throw isFieldFileError(error) ? error : left(this.#request, error);
    } finally {
      this.#patience.pause();
    }
  }
}

const tooLarge = (maxBytes: number): FieldFileError =>
  refusedRequest('request-too-large', `The request has more than ${maxBytes} bytes.`);

/** A connection that breaks fails the reading, or ends the body early. */
function cutShort(receivedBytes: number, totalBytes: number): FieldFileError {
  const why =
    receivedBytes === NEXT_CUT
      ? ' Next cuts bodies at 10 MB where a proxy.js (middleware) matches the path: take the path out of its matcher.'
      : '';
  return refusedRequest(
    'malformed-request',
    `The request's body ended after ${receivedBytes} of ${totalBytes} bytes.${why}`,
  );
}

const left = ({ signal }: Request, cause: unknown): FieldFileError =>
  new FieldFileError('aborted', 'The client left before its request was whole.', {
    operation: 'receive',
    cause: signal.aborted ? (signal.reason ?? cause) : cause,
  });

const consumed = (): FieldFileError =>
  new FieldFileError(
    'content-consumed',
    "The body of the request was read before. What reads bodies are request.formData() and its like, Hono's c.req.parseBody(), " +
      "Express's body parsers and multer, and Fastify's content type parsers: put the upload in front of them, or keep them off its path.",
    { operation: 'receive' },
  );
