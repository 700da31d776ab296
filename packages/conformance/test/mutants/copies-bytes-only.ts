import type { Candidates, ObjectInfo, ObjectKey, WriteOptions } from '@fieldfile/core/backend';
import { MemoryBackend } from '@fieldfile/memory';

/** Copies the bytes and forgets what is kept beside them. */
export class CopiesBytesOnly extends MemoryBackend {
  override copy(from: ObjectKey, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    return super.copy(from, names, { contentType: 'application/octet-stream', metadata: {}, ...options });
  }
}
