import type {
  CallOptions,
  ObjectInfo,
  ObjectKey,
  ReadOptions,
  ReadResult,
  ReplaceOptions,
  Source,
} from '@fieldfile/core/backend';
import { MemoryBackend } from '@fieldfile/memory';

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
