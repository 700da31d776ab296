import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectKey, ReadOptions, ReadResult } from '@fieldfile/storage/backend';

/** Takes the end of a range as HTTP does: inclusive. */
export class RangeOffByOne extends MemoryBackend {
  override read(key: ObjectKey, options: ReadOptions = {}): Promise<ReadResult> {
    const { range } = options;
    if (range?.endExclusive === undefined) return super.read(key, options);
    return super.read(key, {
      ...options,
      range: { start: range.start, endExclusive: range.endExclusive + 1 },
    });
  }
}
