import type { ObjectInfo, ObjectKey, ReplaceOptions, Source } from '@fieldfile/core/backend';
import { MemoryBackend } from '@fieldfile/memory';

/** Removes the old object, then writes the new one. */
export class ReplacesInTwoSteps extends MemoryBackend {
  override async replace(
    key: ObjectKey,
    source: Source,
    { ifMatch, ...options }: ReplaceOptions,
  ): Promise<ObjectInfo> {
    await this.remove(key, ifMatch ? { ifMatch } : {});
    return super.replace(key, source, options);
  }
}
