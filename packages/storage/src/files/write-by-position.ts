import type { Source } from '../content/source.ts';
import { untilAborted } from '../storage/abort.ts';
import type { WriteOptions } from '../storage/backend.ts';

/** How a content is sent. */
export interface WritableFile {
  /** The most that goes into one request. */
  readonly requestBytes: number;
  /** Requests that are on their way at a time: the way to a server and back is not waited for each. */
  readonly requests: number;
  /** What it takes of the bytes it must have taken when it returns: they may change after that. */
  write(bytes: Uint8Array, position: number): Promise<void>;
}

/**
 * Writes all of a content, several requests at a time, in constant memory. When it settles, no request is on its way any
 * more: the file can be closed.
 */
export async function writeByPosition(
  source: Source,
  { signal, onProgress }: Pick<WriteOptions, 'signal' | 'onProgress'>,
  file: WritableFile,
): Promise<void> {
  const total = source.sizeBytes === undefined ? {} : { totalBytes: source.sizeBytes };
  const sending = new Set<Promise<void>>();
  let position = 0;
  let sentBytes = 0;
  const send = (bytes: Uint8Array): void => {
    const sent = file.write(bytes, position).then(() => {
      sending.delete(sent);
      sentBytes += bytes.byteLength;
      onProgress?.({ sentBytes, ...total });
    });
    position += bytes.byteLength;
    sent.catch(() => {}); // told to who waits for it
    sending.add(sent);
  };
  try {
    for await (const chunk of source.open(signal))
      for (let start = 0; start < chunk.byteLength; start += file.requestBytes) {
        send(chunk.subarray(start, start + file.requestBytes));
        if (sending.size >= file.requests) await untilAborted(Promise.race(sending), signal, 'write');
      }
    await untilAborted(Promise.all(sending), signal, 'write');
  } finally {
    await Promise.allSettled(sending);
  }
}
