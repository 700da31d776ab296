import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo } from '@fieldfile/storage';
import type { ObjectKey, UndoResult } from '@fieldfile/storage/backend';

/** Keeps no proof of who wrote an object. */
export class ForgetsWriteId extends MemoryBackend {
  override async stat(key: ObjectKey): Promise<ObjectInfo | undefined> {
    const info = await super.stat(key);
    if (!info) return undefined;
    const { writeId: _, ...rest } = info;
    return rest;
  }

  override async undo(key: ObjectKey): Promise<UndoResult> {
    return (await this.stat(key)) ? 'foreign' : 'absent';
  }
}
