import { randomFillSync } from 'node:crypto';
import { Readable } from 'node:stream';

export const KIB = 1024;
export const MIB: number = 1024 ** 2;
export const GIB: number = 1024 ** 3;

const CHUNK_BYTES = 64 * KIB;

/** Nothing on the way can compress it. */
const block = randomFillSync(Buffer.alloc(MIB));

/** A stream that can be read once, as whoever stores it likes to have it. */
export interface Content {
  readonly sizeBytes: number;
  node(): Readable;
  web(): ReadableStream<Uint8Array>;
}

/** Chunks of one block again and again: what is measured is the sending, not the making. */
export const content = (sizeBytes: number): Content => streams(sizeBytes, chunkAt);

/** A buffer of its own for every chunk, as from a socket: whoever keeps chunks is seen to. */
export const freshContent = (sizeBytes: number): Content =>
  streams(sizeBytes, (at, length) => {
    const chunk = Buffer.allocUnsafeSlow(length);
    chunkAt(at, length).copy(chunk);
    return chunk;
  });

/** The same bytes in memory. */
export function bytes(sizeBytes: number): Buffer<ArrayBuffer> {
  const whole = Buffer.allocUnsafeSlow(sizeBytes);
  for (let at = 0; at < sizeBytes; at += block.byteLength) block.copy(whole, at);
  return whole;
}

/** Reads to the end, and tells how many bytes there were. */
export async function drain(body: AsyncIterable<Uint8Array>): Promise<number> {
  let read = 0;
  for await (const chunk of body) read += chunk.byteLength;
  return read;
}

/** The same by events, which costs a Node stream less. */
export function flow(body: NodeJS.ReadableStream): Promise<number> {
  return new Promise((resolve, reject) => {
    let read = 0;
    body
      .on('data', (chunk: Uint8Array) => (read += chunk.byteLength))
      .once('end', () => resolve(read))
      .once('error', reject);
  });
}

function chunkAt(at: number, length: number): Buffer<ArrayBuffer> {
  const start = at % block.byteLength;
  return block.subarray(start, start + length);
}

function streams(sizeBytes: number, chunk: (at: number, length: number) => Buffer<ArrayBuffer>): Content {
  /** What comes next; undefined at the end. */
  const reader = (): (() => Buffer<ArrayBuffer> | undefined) => {
    let at = 0;
    return () => {
      const length = Math.min(CHUNK_BYTES, sizeBytes - at);
      if (length === 0) return undefined;
      at += length;
      return chunk(at - length, length);
    };
  };
  return {
    sizeBytes,
    node() {
      const next = reader();
      return new Readable({
        read() {
          this.push(next() ?? null);
        },
      });
    },
    web() {
      const next = reader();
      return new ReadableStream({
        pull(controller) {
          const chunk = next();
          if (chunk) controller.enqueue(chunk);
          else controller.close();
        },
      });
    },
  };
}
