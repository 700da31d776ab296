import type { Source } from '@fieldfile/storage';
import { throwIfAborted, type WriteOptions } from '@fieldfile/storage/backend';
import { Batch } from './batch.ts';
import type { OpenFile } from './directory.ts';

/** Written as it is. */
const SMALL_BYTES = 1024 * 1024;

/**
 * Appends all of a source to a file. Chunks are gathered and written while the next ones arrive, one call at a time.
 *
 * @param onChunk told of each chunk, where the processor has it at hand: when it was just copied, or is being written.
 */
export async function receive(
  file: Pick<OpenFile, 'append'>,
  source: Source,
  { signal, onProgress }: Pick<WriteOptions, 'signal' | 'onProgress'>,
  onChunk: (chunk: Uint8Array) => void = () => {},
): Promise<void> {
  let sentBytes = 0;
  const written = async (bytes: Uint8Array): Promise<void> => {
    await file.append([bytes]);
    sentBytes += bytes.byteLength;
    onProgress?.({ sentBytes, ...(source.sizeBytes === undefined ? {} : { totalBytes: source.sizeBytes }) });
  };

  const small = smallOf(source);
  if (small) {
    throwIfAborted(signal, 'write');
    const writing = written(small);
    onChunk(small);
    await writing;
    return throwIfAborted(signal, 'write');
  }
  const batch = new Batch();
  let writing: Promise<void> | undefined;
  const write = async (bytes: Uint8Array): Promise<void> => {
    await writing;
    throwIfAborted(signal, 'write');
    writing = written(bytes);
    writing.catch(() => {}); // reported by the await that follows, which a slow source may delay
  };
  const flush = async (): Promise<void> => {
    const gathered = batch.take();
    if (gathered.byteLength > 0) await write(gathered);
  };
  // The first chunk goes at once. Not for its sake: when every write begins at a multiple of 1 MiB, Linux takes large folios
  // for the page cache, which cost 1.4 × the time of small ones (measured, ext4, 2 GiB of 64 KiB chunks).
  const copyInto = async (memory: Uint8Array): Promise<number> => {
    const copied = (await source.readInto?.(memory)) ?? 0;
    onChunk(memory.subarray(0, copied));
    return copied;
  };
  try {
    if (source.readInto && !signal)
      while (await batch.fill(copyInto)) {
        if (writing === undefined || batch.roomBytes === 0) await flush();
      }
    else
      for await (const chunk of source.open(signal)) {
        const { byteLength } = chunk;
        if (batch.roomBytes < byteLength) await flush();
        if (writing === undefined || batch.roomBytes < byteLength) await write(chunk);
        else batch.add(chunk);
        onChunk(chunk);
        // There is room before the next chunk is asked for: one that waits outlives the cheap collections.
        if (batch.roomBytes < byteLength) await flush();
      }
    await flush();
    await writing;
  } finally {
    await writing?.catch(() => {}); // the file must not be closed under it
    batch.end();
  }
}

/** All of a small content, as it is in memory. One whose bytes went elsewhere meanwhile is opened, which tells. */
function smallOf({ bytes, sizeBytes }: Source): Uint8Array | undefined {
  if (!bytes || bytes.byteLength !== sizeBytes) return undefined;
  return bytes.byteLength > 0 && bytes.byteLength <= SMALL_BYTES ? bytes : undefined;
}
