import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectKey, UndoResult } from '@fieldfile/storage/backend';

/** Removes what is under the name, whoever wrote it. */
export class UndoesByName extends MemoryBackend {
  override async undo(key: ObjectKey): Promise<UndoResult> {
    return (await this.remove(key)) ? 'removed' : 'absent';
  }
}
