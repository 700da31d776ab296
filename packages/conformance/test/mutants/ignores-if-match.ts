import { MemoryBackend } from '@fieldfile/memory';
import type { CallOptions, ObjectInfo, Source } from '@fieldfile/storage';
import type { ObjectKey, ReadOptions, ReadResult, ReplaceOptions } from '@fieldfile/storage/backend';

/** Takes `ifMatch` and does nothing with it. */
export class IgnoresIfMatch extends MemoryBackend {
  override replace(
    key: ObjectKey,
    source: Source,
    { ifMatch: _, ...options }: ReplaceOptions,
  ): Promise<ObjectInfo> {
    return super.replace(key, source, options);
  }

  override read(key: ObjectKey, { ifMatch: _, ...options }: ReadOptions = {}): Promise<ReadResult> {
    return super.read(key, options);
  }

  override remove(key: ObjectKey, { signal }: CallOptions = {}): Promise<boolean> {
    return super.remove(key, signal ? { signal } : {});
  }
}
