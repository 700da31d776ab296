import type { Candidates, ObjectInfo, Source, WriteOptions } from '@fieldfile/core/backend';
import { MemoryBackend } from '@fieldfile/memory';

/** Looks whether the name is free, then writes: two that look at once both find it free. */
export class OverwritesOnRename extends MemoryBackend {
  override async create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    let key = names.first;
    while (await this.stat(key)) key = await names.next(key);
    return this.replace(key, source, options);
  }
}
