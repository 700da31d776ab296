import { type FileHandle, open } from 'node:fs/promises';

/** Larger content is not copied. */
const MOST_BYTES = 50 * 1024 * 1024;

/** Content that is copied into a file of this machine while it is read. */
export class CopiedContent implements AsyncDisposable {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #content: AsyncIterator<Uint8Array>;
  #bytes = 0;
  #ended = false;

  constructor(path: string, file: FileHandle, content: AsyncIterator<Uint8Array>) {
    this.path = path;
    this.#file = file;
    this.#content = content;
  }

  static async into(path: string, content: AsyncIterable<Uint8Array>): Promise<CopiedContent> {
    return new CopiedContent(path, await open(path, 'wx', 0o600), content[Symbol.asyncIterator]());
  }

  /** The content, chunk by chunk. Who reads no further leaves the rest to `isWhole`. */
  async *passing(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let chunk = await this.#next(); chunk; chunk = await this.#next()) yield chunk;
  }

  /** Copies the rest. False: there is more than is copied. */
  async isWhole(): Promise<boolean> {
    while (!this.#ended && this.#bytes <= MOST_BYTES) await this.#next();
    return this.#bytes <= MOST_BYTES;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  async #next(): Promise<Uint8Array | undefined> {
    const { done, value } = await this.#content.next();
    if (done) {
      this.#ended = true;
      return undefined;
    }
    this.#bytes += value.byteLength;
    if (this.#bytes <= MOST_BYTES) await this.#file.appendFile(value);
    return value;
  }
}
