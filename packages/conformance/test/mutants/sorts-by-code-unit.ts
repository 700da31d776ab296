import { MemoryBackend } from '@fieldfile/memory';
import type { ListOptions, ListPage } from '@fieldfile/storage/backend';

/** Sorts as JavaScript compares strings, and calls it UTF-8. */
export class SortsByCodeUnit extends MemoryBackend {
  override async *list(options: ListOptions): AsyncGenerator<ListPage> {
    const pages = await Array.fromAsync(super.list({ ...options, pageSize: 1_000_000 }));
    const objects = pages.flatMap(page => page.objects).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (let start = 0; start < objects.length; start += options.pageSize)
      yield { objects: objects.slice(start, start + options.pageSize), folders: [] };
    if (options.delimiter) yield { objects: [], folders: pages.flatMap(page => page.folders) };
  }
}
