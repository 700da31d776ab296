import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectName, ReadOptions, ReadResult } from '@fieldfile/storage/backend';

/** Takes the end of a range as HTTP does: inclusive. */
export class RangeOffByOne extends MemoryBackend {
  override read(name: ObjectName, options: ReadOptions = {}): Promise<ReadResult> {
    const { range } = options;
    if (range?.endExclusive === undefined) return super.read(name, options);
    return super.read(name, {
      ...options,
      range: { start: range.start, endExclusive: range.endExclusive + 1 },
    });
  }
}
