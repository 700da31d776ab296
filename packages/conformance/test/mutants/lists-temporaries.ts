import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import type { Candidates, ListOptions, ListPage, ObjectKey, WriteOptions } from '@fieldfile/storage/backend';

/** Writes to a temporary name beside the objects, which a listing shows. */
export class ListsTemporaries extends MemoryBackend {
  readonly #temporary = new Set<ObjectKey>();

  override async create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    const key = `${names.first}.part` as ObjectKey;
    this.#temporary.add(key);
    try {
      return await super.create(source, names, options);
    } finally {
      this.#temporary.delete(key);
    }
  }

  override async *list(options: ListOptions): AsyncGenerator<ListPage> {
    yield* super.list(options);
    const objects = [...this.#temporary].filter(key => key.startsWith(options.prefix)).map(key => ({ key }));
    yield { objects, folders: [] };
  }
}
