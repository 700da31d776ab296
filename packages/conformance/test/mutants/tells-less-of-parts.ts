import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectName, ReadOptions, ReadResult } from '@fieldfile/storage/backend';

/** Of an object of which a part is read, it does not tell who wrote it. */
export class TellsLessOfParts extends MemoryBackend {
  override async read(name: ObjectName, options: ReadOptions = {}): Promise<ReadResult> {
    const { info, ...rest } = await super.read(name, options);
    const { writeId, ...others } = info;
    return { ...rest, info: options.range || writeId === undefined ? others : { ...others, writeId } };
  }
}
