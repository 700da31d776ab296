import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import { type Candidates, toSource, type WriteOptions } from '@fieldfile/storage/backend';

/** No mistake: reserves the name by an object that is seen meanwhile, as backends of object stores do. */
export class ReservesByStub extends MemoryBackend {
  override async create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    const { onProgress: _, ...reserving } = options;
    const stub = await super.create(toSource(options.writeId, { operation: 'create' }), names, reserving);
    try {
      return await this.replace(stub.name, source, { ...options, ifMatch: stub.version });
    } catch (error) {
      await this.undo(stub.name, options.writeId);
      throw error;
    }
  }
}
