import type {
  Candidates,
  ObjectInfo,
  ObjectKey,
  ReplaceOptions,
  Source,
  WriteOptions,
} from '@fieldfile/core/backend';
import { MemoryBackend } from '@fieldfile/memory';

/** Goes on writing after the caller lost interest. */
export class SwallowsAbort extends MemoryBackend {
  override create(
    source: Source,
    names: Candidates,
    { signal: _, ...options }: WriteOptions,
  ): Promise<ObjectInfo> {
    return super.create(source, names, options);
  }

  override replace(
    key: ObjectKey,
    source: Source,
    { signal: _, ...options }: ReplaceOptions,
  ): Promise<ObjectInfo> {
    return super.replace(key, source, options);
  }
}
