/** Reads the bytes of a request. One call at a time. */
export interface BodyReader {
  /** The next chunk; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Copies what comes to the beginning of `memory`. @returns how much; 0 at the end. */
  readInto(memory: Uint8Array): Promise<number>;
  /** Nobody wants the rest. What waits ends. */
  cancel(): Promise<void>;
}

const offered = new WeakMap<ReadableStream, BodyReader>();

/** Has a stream read without it: each chunk costs much less then, and no memory is left behind when it was copied. */
export function offerReader(stream: ReadableStream, reader: BodyReader): void {
  offered.set(stream, reader);
}

/** Takes a stream over that nobody has read. */
export function readerOf(stream: ReadableStream<Uint8Array>): BodyReader {
  const reader = stream.getReader();
  return offered.get(stream) ?? new StreamReader(reader);
}

class StreamReader implements BodyReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  /** Of a chunk that was too long. */
  #rest: Uint8Array = new Uint8Array();

  constructor(reader: ReadableStreamDefaultReader<Uint8Array>) {
    this.#reader = reader;
  }

  async read(): Promise<Uint8Array | undefined> {
    const rest = this.#rest;
    this.#rest = new Uint8Array();
    return rest.byteLength > 0 ? rest : (await this.#reader.read()).value;
  }

  async readInto(memory: Uint8Array): Promise<number> {
    let chunk = await this.read();
    while (chunk?.byteLength === 0) chunk = await this.read();
    if (!chunk) return 0;
    const copied = chunk.subarray(0, memory.byteLength);
    memory.set(copied);
    this.#rest = chunk.subarray(copied.byteLength);
    return copied.byteLength;
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }
}
