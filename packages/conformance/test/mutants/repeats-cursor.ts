import { MemoryBackend } from '@fieldfile/memory';
import type { ListOptions, ListPage } from '@fieldfile/storage/backend';

/** Begins at the name it should begin after. */
export class RepeatsCursor extends MemoryBackend {
  override async *list(options: ListOptions): AsyncGenerator<ListPage> {
    const { after } = options;
    for await (const { name } of after === undefined ? [] : this.#exactly(after))
      yield { objects: [{ name: name }], folders: [] };
    yield* super.list(options);
  }

  async *#exactly(name: string): AsyncGenerator<ListPage['objects'][number]> {
    for await (const { objects } of super.list({ prefix: name, pageSize: 1 })) {
      for (const object of objects) if (object.name === name) yield object;
      return;
    }
  }
}
