import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import type { ObjectName, ReplaceOptions } from '@fieldfile/storage/backend';

/** Removes the old object, then writes the new one. */
export class ReplacesInTwoSteps extends MemoryBackend {
  override async replace(
    name: ObjectName,
    source: Source,
    { ifMatch, ...options }: ReplaceOptions,
  ): Promise<ObjectInfo> {
    await this.remove(name, ifMatch ? { ifMatch } : {});
    return super.replace(name, source, options);
  }
}
