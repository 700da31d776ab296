import { MemoryBackend } from '@fieldfile/memory';
import { type ListedObject, Storage } from '@fieldfile/storage';

/** Lists whatever its backend has. */
export class ListsMarks extends Storage {
  constructor() {
    super(new MemoryBackend({}));
  }

  override async *list(prefix = ''): AsyncGenerator<ListedObject, void, undefined> {
    for await (const { objects } of this.backend.list({ prefix, pageSize: 100 })) yield* objects;
  }
}
