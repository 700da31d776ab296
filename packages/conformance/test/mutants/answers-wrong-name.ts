import type { Candidates, ObjectInfo, Source, WriteOptions } from '@fieldfile/core/backend';
import { MemoryBackend } from '@fieldfile/memory';

/** Answers the name that was asked for, whichever was taken. */
export class AnswersWrongName extends MemoryBackend {
  override async create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    return { ...(await super.create(source, names, options)), key: names.first };
  }
}
