import { createHash, type Hash, randomUUID } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { appendFile, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Crc32c } from './crc32c.ts';
import { invalid } from './gcs-error.ts';

/** The service keeps an unfinished upload in whole multiples of this many bytes. */
export const UPLOAD_QUANTUM_BYTES: number = 256 * 1024;

/** What a request says about the bytes it sends; each one given is verified. */
export interface ExpectedBytes {
  /** Base64, most significant byte first. */
  readonly crc32c?: string | undefined;
  /** Base64. */
  readonly md5?: string | undefined;
  /** Hexadecimal. */
  readonly sha256?: string | undefined;
}

/** The bytes of one or more objects: a file that is removed when nothing refers to it any more. */
export class Body {
  readonly path: string;
  readonly size: number;
  readonly crc32c: string;
  /** Missing on composed objects. */
  readonly md5: string | undefined;
  #references = 1;

  constructor(path: string, size: number, crc32c: string, md5: string | undefined) {
    this.path = path;
    this.size = size;
    this.crc32c = crc32c;
    this.md5 = md5;
  }

  /** Keeps the file until the matching `release()`: for a reader, or for another object with the same bytes. */
  retain(): this {
    this.#references++;
    return this;
  }

  release(): void {
    this.#references--;
    // A file that cannot be removed goes with the server's folder.
    if (this.#references === 0) unlink(this.path).catch(() => {});
  }

  /** The bytes from `start` up to and without `end`. */
  read(start = 0, end: number = this.size): ReadStream {
    // `end` is inclusive in node:fs, so an empty slice of an empty file needs no end at all.
    const options = { highWaterMark: UPLOAD_QUANTUM_BYTES };
    return createReadStream(this.path, end > start ? { ...options, start, end: end - 1 } : options);
  }
}

/** Takes the bytes of one upload to disk and digests them on the way. No file stays open between two writes. */
export class BodyWriter implements AsyncDisposable {
  readonly #path: string;
  readonly #crc32c = new Crc32c();
  readonly #md5: Hash | undefined;
  readonly #sha256: Hash | undefined;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #writtenBytes = 0;
  #isFinished = false;

  constructor(folder: string, digests: { md5?: boolean; sha256?: boolean } = {}) {
    this.#path = join(folder, randomUUID());
    this.#md5 = (digests.md5 ?? true) ? createHash('md5') : undefined;
    this.#sha256 = digests.sha256 ? createHash('sha256') : undefined;
  }

  get size(): number {
    return this.#writtenBytes + this.#pendingBytes;
  }

  async write(bytes: Buffer): Promise<void> {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes < UPLOAD_QUANTUM_BYTES) return;
    const all = Buffer.concat(this.#pending);
    const whole = all.length - (all.length % UPLOAD_QUANTUM_BYTES);
    this.#pending = whole < all.length ? [all.subarray(whole)] : [];
    this.#pendingBytes = all.length - whole;
    await this.#store(all.subarray(0, whole));
  }

  /** Forgets what came after the last whole quantum, as the service does when a request ends before its upload. */
  dropPartialQuantum(): void {
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  /** Verifies what was announced and hands over the file; throws 400 when the bytes are others. */
  async finish(expected: ExpectedBytes = {}): Promise<Body> {
    const rest = Buffer.concat(this.#pending);
    if (rest.length > 0 || this.#writtenBytes === 0) await this.#store(rest);
    this.dropPartialQuantum();
    const md5 = this.#md5?.digest('base64');
    const crc32c = this.#crc32c.base64();
    verify('CRC32C', expected.crc32c, crc32c);
    verify('MD5 hash', expected.md5, md5);
    verify('SHA-256 hash', expected.sha256?.toLowerCase(), this.#sha256?.digest('hex'));
    this.#isFinished = true;
    return new Body(this.#path, this.#writtenBytes, crc32c, md5);
  }

  /** Removes the file unless it was handed over. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isFinished) return;
    this.#isFinished = true;
    await rm(this.#path, { force: true });
  }

  async #store(bytes: Buffer): Promise<void> {
    this.#crc32c.update(bytes);
    this.#md5?.update(bytes);
    this.#sha256?.update(bytes);
    await appendFile(this.#path, bytes);
    this.#writtenBytes += bytes.length;
  }
}

function verify(what: string, expected: string | undefined, actual: string | undefined): void {
  if (expected === undefined || expected === actual) return;
  throw invalid(`Provided ${what} "${expected}" doesn't match calculated ${what} "${actual}".`, 'BadDigest');
}
