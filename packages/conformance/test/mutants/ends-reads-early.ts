import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectName, ReadOptions, ReadResult } from '@fieldfile/storage/backend';

/** Ends every body one byte early, without an error. */
export class EndsReadsEarly extends MemoryBackend {
  override async read(name: ObjectName, options: ReadOptions = {}): Promise<ReadResult> {
    const { start = 0, endExclusive } = options.range ?? {};
    const end = endExclusive ?? (await this.info(name))?.sizeBytes ?? 0;
    return super.read(name, { ...options, range: { start, endExclusive: Math.max(start, end - 1) } });
  }
}
