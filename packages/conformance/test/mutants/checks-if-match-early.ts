import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import type { ObjectKey, ReplaceOptions } from '@fieldfile/storage/backend';

/** Compares the version before the bytes stream, and no more when they are there. */
export class ChecksIfMatchEarly extends MemoryBackend {
  override async replace(key: ObjectKey, source: Source, options: ReplaceOptions): Promise<ObjectInfo> {
    const { ifMatch, ...rest } = options;
    const current = await this.stat(key);
    return ifMatch === current?.version
      ? super.replace(key, source, rest)
      : super.replace(key, source, options);
  }
}
