import { MemoryBackend } from '@fieldfile/memory';
import type { ObjectInfo } from '@fieldfile/storage';
import type { Candidates, ObjectKey, WriteOptions } from '@fieldfile/storage/backend';

/** Copies the bytes and forgets what is kept beside them. */
export class CopiesBytesOnly extends MemoryBackend {
  override copy(from: ObjectKey, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    return super.copy(from, names, { contentType: 'application/octet-stream', metadata: {}, ...options });
  }
}
