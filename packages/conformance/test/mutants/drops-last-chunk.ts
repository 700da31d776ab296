import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import type { Candidates, WriteOptions } from '@fieldfile/storage/backend';

/** Sends a chunk when the next one comes, and forgets that none comes after the last. */
export class DropsLastChunk extends MemoryBackend {
  override create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    return super.create(
      { replayable: source.replayable, open: signal => withoutLast(source.open(signal)) },
      names,
      options,
    );
  }
}

async function* withoutLast(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array | undefined;
  for await (const chunk of chunks) {
    if (held) yield held;
    held = chunk;
  }
}
