import { MemoryBackend } from '@fieldfile/memory';
import type { CallOptions, ObjectInfo, Source } from '@fieldfile/storage';
import type { ObjectName, ReadOptions, ReadResult, ReplaceOptions } from '@fieldfile/storage/backend';

/** Takes `ifMatch` and does nothing with it. */
export class IgnoresIfMatch extends MemoryBackend {
  override replace(
    name: ObjectName,
    source: Source,
    { ifMatch: _, ...options }: ReplaceOptions,
  ): Promise<ObjectInfo> {
    return super.replace(name, source, options);
  }

  override read(name: ObjectName, { ifMatch: _, ...options }: ReadOptions = {}): Promise<ReadResult> {
    return super.read(name, options);
  }

  override remove(name: ObjectName, { signal }: CallOptions = {}): Promise<boolean> {
    return super.remove(name, signal ? { signal } : {});
  }
}
