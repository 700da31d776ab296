import { FieldFileError, isFieldFileError } from '@fieldfile/storage';
import { ChunkGarbage } from '@fieldfile/storage/backend';
import type { Limits } from './limits.ts';
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
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #onProgress: (progress: ReceiveProgress) => void;
  #ended: 'no' | 'late' | 'cancelled' = 'no';

  /** @throws `content-consumed` where somebody has read it before; as {@link announcedLength}. */
  constructor(request: Request, limits: Limits, onProgress: (progress: ReceiveProgress) => void = () => {}) {
    const { body, headers } = request;
    this.#request = request;
    this.#limits = limits;
    this.#onProgress = onProgress;
    this.#totalBytes = announcedLength(headers, limits.maxBytes);
    if (request.bodyUsed || body?.locked) throw consumed();
    this.#reader = body?.getReader();
  }

  /** Nobody wants the rest. What waits for a chunk goes on. */
  async cancel(): Promise<void> {
    if (this.#ended === 'no') this.#ended = 'cancelled';
    await this.#reader?.cancel().catch(() => {}); // of what is over or broken nothing is left to cancel
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const { maxBytes } = this.#limits;
    const totalBytes = this.#totalBytes;
    const garbage = new ChunkGarbage();
    let receivedBytes = 0;
    try {
      for (let chunk = await this.#next(); chunk; chunk = await this.#next()) {
        receivedBytes += chunk.byteLength;
        if (receivedBytes > maxBytes) throw tooLarge(maxBytes);
        this.#onProgress({ receivedBytes, totalBytes });
        yield chunk;
        garbage.passed(chunk);
      }
      const isShort = totalBytes !== undefined && receivedBytes < totalBytes;
      if (isShort && this.#ended === 'no') throw cutShort(receivedBytes, totalBytes);
    } finally {
      await this.cancel();
    }
  }

  /** Only the time counts in which something is waited for: a slow storage is not the client's fault. */
  async #next(): Promise<Uint8Array | undefined> {
    if (!this.#reader) return undefined;
    const { idleSeconds } = this.#limits;
    const giveUp = (): void => {
      this.#ended = 'late';
      this.cancel(); // ends the reading below
    };
    const timer = Number.isFinite(idleSeconds) ? setTimeout(giveUp, idleSeconds * 1000) : undefined;
    try {
      const { value } = await this.#reader.read();
      if (this.#ended === 'late')
        throw refusedRequest('too-slow', `For ${idleSeconds} s nothing came of the request.`);
      return value;
    } catch (error) {
      throw isFieldFileError(error) ? error : left(this.#request, error);
    } finally {
      clearTimeout(timer);
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
