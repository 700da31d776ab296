import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectName, ReadOptions, ReadResult } from '@fieldfile/storage/backend';

/** Hands out compressed bytes without saying that they are. */
export class ForgetsEncoding extends MemoryBackend {
  override async read(name: ObjectName, options: ReadOptions = {}): Promise<ReadResult> {
    const { info, ...rest } = await super.read(name, options);
    const { contentEncoding: _, ...told } = info;
    return { ...rest, info: told };
  }
}
