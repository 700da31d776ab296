import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo } from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';

/** Takes whatever has the name for what the write made. */
export class TakesAnyForItsOwn extends MemoryBackend {
  findWrite(name: ObjectName): Promise<ObjectInfo | undefined> {
    return this.info(name);
  }
}
