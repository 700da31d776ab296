import { type ByteSpan, lengthOf } from './ranges.ts';
import type { Opened } from './source.ts';

/** A body of `multipart/byteranges`. */
export interface Parts {
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * Several ranges as one body, each opened when its turn comes and streamed from there.
 *
 * @param type of each part.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14.6
 */
export function parts(
  spans: readonly ByteSpan[],
  type: string,
  totalBytes: number,
  open: (span: ByteSpan) => Promise<Opened>,
): Parts {
  const boundary = crypto.randomUUID();
  const encoder = new TextEncoder();
  const heads = spans.map(({ first, last }, index) =>
    encoder.encode(
      `${index === 0 ? '' : '\r\n'}--${boundary}\r\ncontent-type: ${type}\r\n` +
        `content-range: bytes ${first}-${last}/${totalBytes}\r\n\r\n`,
    ),
  );
  const end = encoder.encode(`\r\n--${boundary}--\r\n`);
  const sizes = spans.map((span, index) => lengthOf(span) + (heads[index]?.byteLength ?? 0));
  let current: Opened | undefined;
  async function* content(): AsyncGenerator<Uint8Array, void, undefined> {
    for (const [index, span] of spans.entries()) {
      yield heads[index] ?? end;
      current = await open(span);
      yield* current.body;
    }
    yield end;
  }
  const chunks = content();
  const leave = async (): Promise<void> => {
    await current?.dispose(); // first: the generator waits for a chunk that may never come
    await chunks.return();
  };
  return {
    contentType: `multipart/byteranges; boundary=${boundary}`,
    sizeBytes: sizes.reduce((sum, size) => sum + size, end.byteLength),
    body: streamOf(chunks, leave),
  };
}

/** Reads ahead of nobody. */
function streamOf(
  chunks: AsyncGenerator<Uint8Array, void, undefined>,
  cancel: () => Promise<void>,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel,
    },
    { highWaterMark: 0 },
  );
}
