import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import type { ObjectName, ReplaceOptions } from '@fieldfile/storage/backend';

/** Compares the version before the bytes stream, and no more when they are there. */
export class ChecksIfMatchEarly extends MemoryBackend {
  override async replace(name: ObjectName, source: Source, options: ReplaceOptions): Promise<ObjectInfo> {
    const { ifMatch, ...rest } = options;
    const current = await this.info(name);
    return ifMatch === current?.version
      ? super.replace(name, source, rest)
      : super.replace(name, source, options);
  }
}
