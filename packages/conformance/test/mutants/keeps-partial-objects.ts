import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import type { Candidates, WriteOptions } from '@fieldfile/storage/backend';

/** Takes the end of a failing stream for the end of the content. */
export class KeepsPartialObjects extends MemoryBackend {
  override create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    return super.create(
      { replayable: source.replayable, open: signal => untilFailure(source.open(signal)) },
      names,
      options,
    );
  }
}

async function* untilFailure(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch {
    // The mistake: the rest is missing, and nobody is told.
  }
}
