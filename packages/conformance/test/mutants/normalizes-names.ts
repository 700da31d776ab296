import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import type {
  Candidates,
  ObjectKey,
  ReadOptions,
  ReadResult,
  WriteOptions,
} from '@fieldfile/storage/backend';

/** Stores names composed, as some file systems do, and answers them as they were given. */
export class NormalizesNames extends MemoryBackend {
  override create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    const next = async (refused: ObjectKey): Promise<ObjectKey> => composed(await names.next(refused));
    return super.create(source, { first: composed(names.first), next }, options);
  }

  override read(key: ObjectKey, options?: ReadOptions): Promise<ReadResult> {
    return super.read(composed(key), options);
  }

  override stat(key: ObjectKey): Promise<ObjectInfo | undefined> {
    return super.stat(composed(key));
  }
}

const composed = (key: ObjectKey): ObjectKey => key.normalize('NFC') as ObjectKey;
