import { Dicer } from '@fastify/busboy';
import type { Limits } from './limits.ts';
import { MAX_HEADERS, type PartHeader, partHeader, type RawHeader } from './part-header.ts';
import { refusedRequest } from './refused-request.ts';
import type { RequestBody } from './request-body.ts';

/** One part of a form. Its bytes are to be read before the next part is asked for. */
export interface Part {
  readonly header: PartHeader;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * The boundary of a `Content-Type`; undefined for one that is no form.
 *
 * @throws `malformed-request` for a form whose boundary is missing, or is none.
 * @see https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1
 */
export function boundaryOf(contentType: string | null): string | undefined {
  if (!/^\s*multipart\/form-data\s*(?:;|$)/i.test(contentType ?? '')) return undefined;
  const found = [...(contentType ?? '').matchAll(/;\s*boundary=(?:"([^"]*)"|([^\s";]*))/gi)];
  const boundary = found[0]?.[1] ?? found[0]?.[2] ?? '';
  if (found.length === 1 && /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/.test(boundary)) return boundary;
  throw refusedRequest('malformed-request', 'The form has no boundary, or one that is none.');
}

/**
 * The parts of a form, one after another, while it comes in.
 *
 * @throws `malformed-request` for what is no form or breaks off; `headers-too-large`, `too-many-fields`; what the body throws.
 */
export async function* partsOf(
  body: RequestBody,
  boundary: string,
  limits: Limits,
): AsyncGenerator<Part, void, undefined> {
  const parsing = new Parsing(boundary, limits);
  const fed = parsing.feed(body);
  try {
    for (let part = await parsing.next(); part; part = await parsing.next()) yield part;
    await fed; // what comes after the form
    await parsing.next();
  } finally {
    parsing.stop();
    await body.cancel();
    await fed;
  }
}

type PartStream = Dicer.PartStream;

interface Found {
  readonly header: PartHeader;
  readonly stream: PartStream;
}

/** The parser that is told of bytes on one side and asked for parts on the other. */
class Parsing {
  readonly #limits: Limits;
  readonly #dicer: Dicer;
  readonly #found: Found[] = [];
  /** Parts that are not read to their end. */
  readonly #open: Set<PartStream> = new Set();
  /** The part whose headers are still to come. */
  #begun: PartStream | undefined;
  #parts = 0;
  #state: 'parsing' | 'ended' | 'stopped' = 'parsing';
  #failure: { readonly error: unknown } | undefined;
  /** Who waits for a part. */
  #wake: () => void = () => {};
  /** Who waits until a chunk is taken. */
  #taken: () => void = () => {};

  constructor(boundary: string, limits: Limits) {
    this.#limits = limits;
    const config = {
      boundary,
      // One more than is allowed: what is over is cut off in silence.
      maxHeaderPairs: MAX_HEADERS + 1,
      maxHeaderSize: limits.maxHeaderBytes + 4 * MAX_HEADERS + 1,
    };
    this.#dicer = new Dicer(config);
    this.#dicer.on('part', stream => this.#begin(stream));
    this.#dicer.on('error', () => this.#fail(brokenOff()));
    this.#dicer.on('finish', () => this.#end());
  }

  /** Gives it all the bytes. Never rejects: what goes wrong is thrown by `next`, and by the part that is read. */
  async feed(body: RequestBody): Promise<void> {
    try {
      for await (const chunk of body) {
        if (this.#state === 'parsing') await this.#write(chunk); // else it comes after the form
        if (this.#state === 'stopped' || this.#failure) return;
      }
      this.#dicer.end();
      // Its own end comes once all parts are read; without one it has said so, or has failed.
    } catch (error) {
      this.#fail(error);
    }
  }

  async next(): Promise<Part | undefined> {
    for (;;) {
      const found = this.#found.shift();
      if (this.#failure) throw this.#failure.error;
      if (found) return { header: found.header, bytes: this.#bytesOf(found.stream) };
      if (this.#state !== 'parsing') return undefined;
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  /** What is wrong is our word for it: the parser has one of its own. */
  async *#bytesOf(stream: PartStream): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* stream;
    } catch (error) {
      throw this.#failure?.error ?? error;
    }
  }

  stop(): void {
    this.#state = 'stopped';
    for (const stream of this.#open) stream.destroy();
    this.#dicer.destroy();
    this.#taken();
  }

  #write(chunk: Uint8Array): Promise<void> {
    return new Promise(resolve => {
      this.#taken = resolve;
      this.#dicer.write(chunk, () => resolve());
    });
  }

  #begin(stream: PartStream): void {
    stream.on('error', () => {}); // whoever reads it is told
    if (this.#failure || this.#state === 'stopped') return void stream.destroy();
    this.#open.add(stream);
    stream.once('close', () => this.#open.delete(stream));
    this.#parts++;
    if (this.#begun) this.#fail(withoutHeaders());
    else if (this.#parts > this.#limits.maxParts) this.#fail(tooMany(this.#limits.maxParts));
    this.#begun = stream;
    stream.once('header', header => this.#add(stream, header as RawHeader));
  }

  #add(stream: PartStream, header: RawHeader): void {
    this.#begun = undefined;
    if (this.#failure) return;
    try {
      this.#found.push({ header: partHeader(header, this.#limits), stream });
    } catch (error) {
      this.#fail(error);
    }
    this.#wake();
  }

  #end(): void {
    if (this.#begun) this.#fail(withoutHeaders());
    if (this.#state === 'parsing') this.#state = 'ended';
    this.#taken(); // where a part was full, a chunk with the end in it is never acknowledged
    this.#wake();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    const failure = this.#failure.error instanceof Error ? this.#failure.error : new Error(String(error));
    for (const stream of this.#open) stream.destroy(failure);
    this.#taken();
    this.#wake();
  }
}

const brokenOff = () => refusedRequest('malformed-request', 'The form breaks off before its end.');

const withoutHeaders = () => refusedRequest('malformed-request', 'A part of the form has no headers.');

const tooMany = (maxParts: number) =>
  refusedRequest('too-many-fields', `The form has more than ${maxParts} parts.`);
