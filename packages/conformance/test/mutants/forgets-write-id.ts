import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo } from '@fieldfile/storage';
import type { ObjectName, UndoResult } from '@fieldfile/storage/backend';

/** Keeps no proof of who wrote an object. */
export class ForgetsWriteId extends MemoryBackend {
  override async info(name: ObjectName): Promise<ObjectInfo | undefined> {
    const info = await super.info(name);
    if (!info) return undefined;
    const { writeId: _, ...rest } = info;
    return rest;
  }

  override async undo(name: ObjectName): Promise<UndoResult> {
    return (await this.info(name)) ? 'foreign' : 'absent';
  }
}
