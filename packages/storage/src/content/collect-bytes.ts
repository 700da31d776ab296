import { paceCollection } from './chunk-garbage.ts';

/** What is used of a Node stream. */
export interface FlowingStream {
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  resume(): unknown;
}

/** Content up to this size is cheaper to read at once than through a web stream. What is larger is resumed where it broke. */
export const READ_AT_ONCE_BYTES: number = 1024 * 1024;

/**
 * All that a Node stream gives, by its events: the cheapest way to have what is small.
 *
 * @param expectedBytes as it said; less or more comes as it is.
 * @param onChunk told of each.
 */
export function collectBytes(
  source: FlowingStream,
  expectedBytes: number,
  onChunk?: () => void,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    let bytes = new Uint8Array(expectedBytes);
    let offset = 0;
    let hasEnded = false;
    source.on('data', chunk => {
      const end = offset + chunk.byteLength;
      if (end > bytes.byteLength) {
        const longer = new Uint8Array(end);
        longer.set(bytes.subarray(0, offset));
        bytes = longer;
      }
      bytes.set(chunk, offset);
      offset = end;
      paceCollection(chunk.byteLength);
      onChunk?.();
    });
    source.on('end', () => {
      hasEnded = true;
      resolve(offset === bytes.byteLength ? bytes : bytes.slice(0, offset));
    });
    source.on('error', reject);
    source.on('close', () => {
      // Every stream closes. An error costs more than all the rest of a small object (its stack).
      if (!hasEnded) reject(new Error('The stream was closed before its end.'));
    });
    source.resume();
  });
}
