import { MemoryBackend } from '@fieldfile/memory';
import type { ListOptions, ListPage } from '@fieldfile/storage/backend';

/** Every page is in order, but the second is given before the first. */
export class UnsortedPages extends MemoryBackend {
  override async *list(options: ListOptions): AsyncGenerator<ListPage> {
    let held: ListPage | undefined;
    for await (const page of super.list(options)) {
      if (held) yield page;
      else held = page;
    }
    if (held) yield held;
  }
}
