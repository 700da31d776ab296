import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import type { Candidates, WriteOptions } from '@fieldfile/storage/backend';

/** Looks whether the name is free, then writes: two that look at once both find it free. */
export class OverwritesOnRename extends MemoryBackend {
  override async create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    let key = names.first;
    while (await this.stat(key)) key = await names.next(key);
    return this.replace(key, source, options);
  }
}
