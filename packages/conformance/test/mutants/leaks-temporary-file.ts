import type { StorageUnderTest } from '@fieldfile/conformance/storage';
import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import type { Candidates, WriteOptions } from '@fieldfile/storage/backend';
import { subject } from './on-memory.ts';

/** Removes its temporary file when all went well, and only then. */
class LeaksTemporaryFile extends MemoryBackend {
  readonly temporaryFiles = new Set<string>();

  override async create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    this.temporaryFiles.add(options.writeId);
    const info = await super.create(source, names, options);
    this.temporaryFiles.delete(options.writeId);
    return info;
  }
}

export function leaksTemporaryFile(): Promise<StorageUnderTest> {
  const backend = new LeaksTemporaryFile();
  return subject(backend, { residue: async () => [...backend.temporaryFiles] });
}
