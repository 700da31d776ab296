import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import type { Candidates, WriteOptions } from '@fieldfile/storage/backend';

/** Listens on the caller's signal and never stops. */
export class LeaksListener extends MemoryBackend {
  override create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    options.signal?.addEventListener('abort', () => {});
    return super.create(source, names, options);
  }
}
