import { S3Error } from './s3-error.ts';

const LONGEST_LINE_BYTES = 16 * 1024;

/** Reads a stream of chunks by lines, counts and delimiters, without joining what it passes on. */
export class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Next line without its line break; undefined at the end of the stream. */
  async line(): Promise<string | undefined> {
    let end = this.#rest.indexOf('\n');
    while (end === -1) {
      if (this.#rest.length > LONGEST_LINE_BYTES) throw incompleteBody();
      if (!(await this.#more())) {
        if (this.#rest.length === 0) return undefined;
        const last = this.#rest.toString('utf8');
        this.#rest = Buffer.alloc(0);
        return last;
      }
      end = this.#rest.indexOf('\n');
    }
    const line = this.#rest.toString('utf8', 0, end);
    this.#rest = this.#rest.subarray(end + 1);
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  }

  /** The next `length` bytes. */
  async *take(length: number): AsyncGenerator<Buffer, void> {
    let missing = length;
    while (missing > 0) {
      if (this.#rest.length === 0 && !(await this.#more())) throw incompleteBody();
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
      if (piece.length > 0) yield piece;
    }
  }

  /** Everything before `delimiter`, which is skipped. */
  async *until(delimiter: Buffer): AsyncGenerator<Buffer, void> {
    while (true) {
      const found = this.#rest.indexOf(delimiter);
      // A delimiter may begin in the last bytes and end in the next chunk.
      const safe = found === -1 ? Math.max(0, this.#rest.length - delimiter.length + 1) : found;
      const piece = this.#rest.subarray(0, safe);
      this.#rest = this.#rest.subarray(found === -1 ? safe : safe + delimiter.length);
      if (piece.length > 0) yield piece;
      if (found !== -1) return;
      if (!(await this.#more())) throw incompleteBody();
    }
  }

  /** Appends the next chunk to what is left; false at the end of the stream. */
  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
    return true;
  }
}

/** The error of a body that ends before it should. */
export function incompleteBody(): S3Error {
  return new S3Error(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
  );
}

/** The whole of a short body. */
export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}
