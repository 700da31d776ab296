import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo } from '@fieldfile/storage';
import type { ObjectKey } from '@fieldfile/storage/backend';

/** Takes whatever has the name for what the write made. */
export class TakesAnyForItsOwn extends MemoryBackend {
  findWrite(key: ObjectKey): Promise<ObjectInfo | undefined> {
    return this.stat(key);
  }
}
