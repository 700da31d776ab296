import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import type { Candidates, WriteOptions } from '@fieldfile/storage/backend';

/** Collects the whole content before it sends the first byte. */
export class ReadsAllFirst extends MemoryBackend {
  override create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    return super.create(
      {
        ...(source.sizeBytes === undefined ? {} : { sizeBytes: source.sizeBytes }),
        replayable: source.replayable,
        async *open(signal) {
          yield* await Array.fromAsync(source.open(signal));
        },
      },
      names,
      options,
    );
  }
}
