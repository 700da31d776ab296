import { MemoryBackend } from '@fieldfile/memory';
import { type CallOptions, type ListedObject, type SaveObjectOptions, Storage } from '@fieldfile/storage';
import { isMistakenFor, type ListOptions, type ListPage, objectName } from '@fieldfile/storage/backend';

/** Lists whatever its backend lists. */
export class ListsNameless extends Storage {
  override async *list(prefix = ''): AsyncGenerator<ListedObject, void, undefined> {
    for await (const { objects } of this.backend.list({ prefix, pageSize: 1000 })) yield* objects;
  }
}

/** Looks at all names first. */
export class RefusesWholeBatch extends Storage {
  override async deleteMany(
    names: Iterable<string>,
    options: CallOptions = {},
  ): Promise<ReadonlyMap<string, unknown>> {
    const keys = Array.from(names, name => objectName(name, this.backend.limits, 'deleteMany', this.id));
    return super.deleteMany(keys, options);
  }
}

/** Keeps a folder for itself, and knows it by one name only. */
export class KnowsOneName extends Storage {
  constructor() {
    const backend = new MemoryBackend();
    const limits = { ...backend.limits, reservedSegments: ['.internal'] };
    super(Object.defineProperty(backend, 'limits', { value: limits }));
  }

  override async exists(name: string, options: CallOptions = {}): Promise<boolean> {
    const [first = ''] = name.split('/');
    if (first !== '.internal' && isMistakenFor(first, '.internal')) return false;
    return super.exists(name, options);
  }
}

/** Gives devices another name, as names of uploads have. */
export class RenamesDevices extends Storage {
  override save(
    name: string,
    content: Parameters<Storage['save']>[1],
    options: SaveObjectOptions = {},
  ): Promise<string> {
    return super.save(/^(con|nul)$/.test(name) ? `_${name}` : name, content, options);
  }
}

/** Does not go down far. */
export class ListsNotDeep extends MemoryBackend {
  override async *list(options: ListOptions): AsyncGenerator<ListPage> {
    for await (const page of super.list(options))
      yield { ...page, objects: page.objects.filter(({ name }) => name.split('/').length < 100) };
  }
}
