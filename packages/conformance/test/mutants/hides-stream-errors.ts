import { MemoryBackend } from '@fieldfile/memory';
import { FieldFileError, type ObjectInfo, type Source } from '@fieldfile/storage';
import type { Candidates, WriteOptions } from '@fieldfile/storage/backend';

/** Reports every failure as its own, the caller's stream's too. */
export class HidesStreamErrors extends MemoryBackend {
  override async create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    try {
      return await super.create(source, names, options);
    } catch (error) {
      throw new FieldFileError('backend', 'The upload failed.', { cause: error });
    }
  }
}
