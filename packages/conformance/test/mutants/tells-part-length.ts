import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectName, ReadOptions, ReadResult } from '@fieldfile/storage/backend';

/** Tells the length of the part that was asked for as that of the object, as a response's `content-length` does. */
export class TellsPartLength extends MemoryBackend {
  override async read(name: ObjectName, options: ReadOptions = {}): Promise<ReadResult> {
    const { info, ...rest } = await super.read(name, options);
    const { start = 0, endExclusive = info.sizeBytes } = options.range ?? {};
    const end = Math.min(endExclusive, info.sizeBytes);
    return { ...rest, info: { ...info, sizeBytes: Math.max(0, end - start) } };
  }
}
