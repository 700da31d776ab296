import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import type { ObjectKey, ReplaceOptions } from '@fieldfile/storage/backend';

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
