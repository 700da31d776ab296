import { MemoryBackend } from '@fieldfile/memory';
import type { WriteId } from '@fieldfile/storage';
import type { ObjectName, UndoResult } from '@fieldfile/storage/backend';

/** Takes the object of a replacement back that is to be kept. */
export class UndoesWhatIsKept extends MemoryBackend {
  override undo(name: ObjectName, writeId: WriteId): Promise<UndoResult> {
    return super.undo(name, writeId);
  }
}
