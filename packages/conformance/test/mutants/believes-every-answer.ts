import type { StorageUnderTest } from '@fieldfile/conformance/storage';
import { MemoryBackend } from '@fieldfile/memory';
import { type ObjectInfo, type ObjectVersion, Storage } from '@fieldfile/storage';
import type { Candidates, ListPage, ObjectName, ReadResult } from '@fieldfile/storage/backend';
import { subject } from './on-memory.ts';

/** Reads what it can of an answer, and takes the rest for empty: as one that looks at the status alone. */
class BelievesEveryAnswer extends MemoryBackend {
  override async create(_source: unknown, names: Candidates): Promise<ObjectInfo> {
    return empty(names.first);
  }

  override async replace(name: ObjectName): Promise<ObjectInfo> {
    return empty(name);
  }

  override async copy(_from: ObjectName, names: Candidates): Promise<ObjectInfo> {
    return empty(names.first);
  }

  override async info(name: ObjectName): Promise<ObjectInfo> {
    return empty(name);
  }

  override async read(name: ObjectName): Promise<ReadResult> {
    const body = new ReadableStream({ start: controller => controller.close() });
    return { info: empty(name), stream: body, async [Symbol.asyncDispose]() {} };
  }

  override async remove(): Promise<boolean> {
    return true;
  }

  override async *list(): AsyncGenerator<ListPage> {}
}

const empty = (name: ObjectName): ObjectInfo => ({
  name: name,
  sizeBytes: 0,
  version: '' as ObjectVersion,
  lastModified: new Date(0),
  metadata: {},
});

export function believesEveryAnswer(): Promise<StorageUnderTest> {
  return subject(new MemoryBackend(), { astray: async () => new Storage(new BelievesEveryAnswer()) });
}
