import { MemoryBackend } from '@fieldfile/memory';
import { FieldFileError } from '@fieldfile/storage';
import type { ObjectName, ReadOptions, ReadResult } from '@fieldfile/storage/backend';

/** Goes on with a read a few times, however much came in between. */
export class GivesUpReading extends MemoryBackend {
  #resumed = 0;

  override async read(name: ObjectName, options: ReadOptions = {}): Promise<ReadResult> {
    if (options.range && options.ifMatch && ++this.#resumed > 5)
      throw new FieldFileError('backend', 'It broke too often.', { operation: 'read', retryable: true });
    return super.read(name, options);
  }
}
