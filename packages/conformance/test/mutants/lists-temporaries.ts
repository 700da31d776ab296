import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import type { Candidates, ListOptions, ListPage, ObjectName, WriteOptions } from '@fieldfile/storage/backend';

/** Writes to a temporary name beside the objects, which a listing shows. */
export class ListsTemporaries extends MemoryBackend {
  readonly #temporary = new Set<ObjectName>();

  override async create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    const name = `${names.first}.part` as ObjectName;
    this.#temporary.add(name);
    try {
      return await super.create(source, names, options);
    } finally {
      this.#temporary.delete(name);
    }
  }

  override async *list(options: ListOptions): AsyncGenerator<ListPage> {
    yield* super.list(options);
    const objects = [...this.#temporary]
      .filter(name => name.startsWith(options.prefix))
      .map(name => ({ name }));
    yield { objects, folders: [] };
  }
}
