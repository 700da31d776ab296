import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo, Source } from '@fieldfile/storage';
import type { Candidates, WriteOptions } from '@fieldfile/storage/backend';

/** Answers the name that was asked for, whichever was taken. */
export class AnswersWrongName extends MemoryBackend {
  override async create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    return { ...(await super.create(source, names, options)), name: names.first };
  }
}
