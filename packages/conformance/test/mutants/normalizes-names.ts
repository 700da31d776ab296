import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import type {
  Candidates,
  ObjectName,
  ReadOptions,
  ReadResult,
  WriteOptions,
} from '@fieldfile/storage/backend';

/** Stores names composed, as some file systems do, and answers them as they were given. */
export class NormalizesNames extends MemoryBackend {
  override create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    const next = async (refused: ObjectName): Promise<ObjectName> => composed(await names.next(refused));
    return super.create(source, { first: composed(names.first), next }, options);
  }

  override read(name: ObjectName, options?: ReadOptions): Promise<ReadResult> {
    return super.read(composed(name), options);
  }

  override info(name: ObjectName): Promise<ObjectInfo | undefined> {
    return super.info(composed(name));
  }
}

const composed = (name: ObjectName): ObjectName => name.normalize('NFC') as ObjectName;
