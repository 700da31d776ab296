import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectName, UndoResult } from '@fieldfile/storage/backend';

/** Removes what is under the name, whoever wrote it. */
export class UndoesByName extends MemoryBackend {
  override async undo(name: ObjectName): Promise<UndoResult> {
    return (await this.remove(name)) ? 'removed' : 'absent';
  }
}
