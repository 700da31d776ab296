import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import type { Candidates, ObjectName, ReplaceOptions, WriteOptions } from '@fieldfile/storage/backend';

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
    name: ObjectName,
    source: Source,
    { signal: _, ...options }: ReplaceOptions,
  ): Promise<ObjectInfo> {
    return super.replace(name, source, options);
  }
}
