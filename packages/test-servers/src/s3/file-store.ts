import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

// One system call a mebibyte instead of one a chunk.
const BUFFER_BYTES = 1024 * 1024;

/** A temporary folder of immutable files: the bytes of objects and parts. */
export class FileStore {
  readonly #folder: string;
  #count = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param parent folder to make the temporary one in */
  static async open(parent: string): Promise<FileStore> {
    return new FileStore(await mkdtemp(join(parent, 'fieldfile-s3-')));
  }

  /** Writes a new file; leaves none when the source fails. */
  async write(source: AsyncIterable<Uint8Array>): Promise<StoredFile> {
    this.#count++;
    const path = join(this.#folder, String(this.#count));
    let size = 0;
    const count = async function* (): AsyncGenerator<Uint8Array, void> {
      for await (const chunk of source) {
        size += chunk.length;
        yield chunk;
      }
    };
    try {
      await pipeline(count, createWriteStream(path, { flags: 'wx', highWaterMark: BUFFER_BYTES }));
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    }
    return new StoredFile(path, size);
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A file that exists as long as something uses it: an object, its copies, a part, a reader. */
export class StoredFile {
  readonly #path: string;
  /** In bytes. */
  readonly size: number;
  #uses = 1;

  constructor(path: string, size: number) {
    this.#path = path;
    this.size = size;
  }

  retain(): this {
    this.#uses++;
    return this;
  }

  release(): void {
    this.#uses--;
    if (this.#uses === 0) rmSync(this.#path, { force: true });
  }

  /** Bytes `start` to `end`, both included. */
  read(start: number, end: number): AsyncIterable<Buffer> {
    return createReadStream(this.#path, { start, end, highWaterMark: BUFFER_BYTES });
  }
}

/** A range of the bytes of several files in a row; `start` and `end` are included. */
export async function* readFiles(
  files: readonly StoredFile[],
  start: number,
  end: number,
): AsyncGenerator<Buffer, void> {
  let offset = 0;
  for (const file of files) {
    const first = Math.max(0, start - offset);
    const last = Math.min(file.size - 1, end - offset);
    if (first <= last) yield* file.read(first, last);
    offset += file.size;
  }
}
