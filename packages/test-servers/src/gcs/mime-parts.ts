import { invalid } from './gcs-error.ts';

const HEADERS_LIMIT_BYTES = 16 * 1024;

/** One part of a multipart body. Its bytes must be read to the end before the next part is asked for. */
export interface MimePart {
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: AsyncGenerator<Buffer, void, undefined>;
}

/** The `boundary` of a `Content-Type`, or 400. */
export function boundaryOf(contentType: string | undefined, kind: string): string {
  const [, quoted, bare] = contentType?.match(/;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined || !contentType?.toLowerCase().startsWith(kind)) {
    throw invalid(
      `The request's Content-Type must be ${kind} with a boundary; it is '${contentType ?? ''}'.`,
    );
  }
  return boundary;
}

/**
 * The parts of a `multipart/*` body as they arrive, at no cost of memory.
 *
 * @see https://www.rfc-editor.org/rfc/rfc2046#section-5.1
 */
export async function* mimeParts(
  source: AsyncIterable<Buffer>,
  boundary: string,
): AsyncGenerator<MimePart, void, undefined> {
  // A line break in front makes the first boundary look like the others.
  const scanner = new Scanner(source, Buffer.from('\r\n'));
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  for await (const _preamble of scanner.until(delimiter));
  for (;;) {
    const lineRest = await scanner.text('\r\n', '--');
    if (lineRest === undefined) return;
    const headers = new Map<string, string>();
    for (;;) {
      const line = await scanner.text('\r\n');
      if (!line) break;
      const colon = line.indexOf(':');
      headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    }
    yield { headers, body: scanner.until(delimiter) };
  }
}

class Scanner {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer;

  constructor(source: AsyncIterable<Buffer>, first: Buffer) {
    this.#source = source[Symbol.asyncIterator]();
    this.#held = first;
  }

  /** What comes before the delimiter, which is taken off as well. */
  async *until(delimiter: Buffer): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const at = this.#held.indexOf(delimiter);
      if (at >= 0) {
        const before = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at + delimiter.length);
        if (before.length > 0) yield before;
        return;
      }
      // The end of what is held may be the beginning of the delimiter.
      const safe = this.#held.length - delimiter.length + 1;
      if (safe > 0) {
        const before = this.#held.subarray(0, safe);
        this.#held = this.#held.subarray(safe);
        yield before;
      }
      await this.#more();
    }
  }

  /** The text before the delimiter; undefined when `end` stands here instead. */
  async text(delimiter: string, end?: string): Promise<string | undefined> {
    while (this.#held.length < (end?.length ?? 0)) await this.#more();
    if (end !== undefined && this.#held.toString('latin1', 0, end.length) === end) return undefined;
    let text = '';
    for await (const bytes of this.until(Buffer.from(delimiter))) {
      text += bytes.toString('utf8');
      if (text.length > HEADERS_LIMIT_BYTES) throw invalid('A header of a multipart body is too long.');
    }
    return text;
  }

  async #more(): Promise<void> {
    const next = await this.#source.next();
    if (next.done)
      throw invalid('The multipart body ends before its closing boundary.', 'MalformedMultipartRequest');
    this.#held = this.#held.length === 0 ? next.value : Buffer.concat([this.#held, next.value]);
  }
}
