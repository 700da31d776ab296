import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import type { Candidates, WriteOptions } from '@fieldfile/storage/backend';

/** Looks whether the name is free, then writes: two that look at once both find it free. */
export class OverwritesOnRename extends MemoryBackend {
  override async create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    let name = names.first;
    while (await this.info(name)) name = await names.next(name);
    return this.replace(name, source, options);
  }
}
