import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import { type Candidates, newWriteId, type ObjectName, type WriteOptions } from '@fieldfile/storage/backend';

/** Makes up a name of its own where it is given no other. */
export class NamesAsItLikes extends MemoryBackend {
  override create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    const next = (refused: ObjectName): Promise<ObjectName> =>
      names.next(refused).catch(() => `${refused}-${newWriteId()}` as ObjectName);
    return super.create(source, { first: names.first, next }, options);
  }
}
